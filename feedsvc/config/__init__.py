"""config.yaml -> a checked, frozen value, or all faults at once with their lines."""

from feedsvc.config.load import LoadedConfig, load_config, parse_config
from feedsvc.config.partners import PartnerConfig
from feedsvc.config.rules import Rule, compile_pattern, parse_rule
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

__all__ = [
    "CLOUD_PATH",
    "HUB_PATH",
    "CleaningConfig",
    "Config",
    "ContentConfig",
    "FeedsConfig",
    "FilingConfig",
    "LoadedConfig",
    "MatchConfig",
    "PartnerConfig",
    "Rule",
    "SectionConfig",
    "SectionFeedConfig",
    "SiteConfig",
    "compile_pattern",
    "load_config",
    "parse_config",
    "parse_rule",
]
