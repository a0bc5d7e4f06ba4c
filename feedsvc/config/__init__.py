"""config.yaml -> a checked, frozen value, or all faults at once with their lines."""

from feedsvc.config.buckets import Bucket, parse_bucket
from feedsvc.config.editing import (
    Edit,
    add_section,
    remove_section,
    rename_section,
    set_password_hash,
)
from feedsvc.config.load import LoadedConfig, load_config, parse_config
from feedsvc.config.partners import PartnerConfig
from feedsvc.config.rules import Pattern, Rule, compile_pattern, parse_rule
from feedsvc.config.saving import check_before_edit, edit_config
from feedsvc.config.schema import (
    CLOUD_PATH,
    HUB_PATH,
    CleaningConfig,
    Config,
    ContentConfig,
    FeedsConfig,
    FilingConfig,
    MatchConfig,
    SectionConfig,
    SectionFeedConfig,
    SiteConfig,
)
from feedsvc.config.types import read_folder
from feedsvc.config.watching import AGAIN_AFTER, Mark, Stillness

__all__ = [
    "AGAIN_AFTER",
    "CLOUD_PATH",
    "HUB_PATH",
    "Bucket",
    "CleaningConfig",
    "Config",
    "ContentConfig",
    "Edit",
    "FeedsConfig",
    "FilingConfig",
    "LoadedConfig",
    "Mark",
    "MatchConfig",
    "PartnerConfig",
    "Pattern",
    "Rule",
    "SectionConfig",
    "SectionFeedConfig",
    "SiteConfig",
    "Stillness",
    "add_section",
    "check_before_edit",
    "compile_pattern",
    "edit_config",
    "load_config",
    "parse_bucket",
    "parse_config",
    "parse_rule",
    "read_folder",
    "remove_section",
    "rename_section",
    "set_password_hash",
]
