"""The words of furniture: tables of what pages write around their articles.

``PHRASES`` are whole lines, lower case, without the marks around them. ``WEAK_PHRASES`` can be a
line of a poem or a list too, and count only where nothing beside them stays. ``STARTS`` are
beginnings of lines, as patterns; every one is linear.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ADVERT = "advertisement"
BLOCKER = "ad-blocker notice"
CAPTION = "photo caption and credit"
COMMENTS = "comments"
COOKIES = "cookie notice"
COPYRIGHT = "copyright line"
CREDITS = "editorial credits"
DIVIDER = "divider"
LINKS = "link bar"
MEDIA = "media control"
NAVIGATION = "navigation"
PAYWALL = "subscription notice"
RELATED = "related articles"
SECTIONS = "names many sections"
SHARE = "share bar"
SIGN_UP = "sign-up notice"
SYNDICATION = "notice of adaptation or syndication"
TAGS = "tag line"


def _table(rows: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(
        {
            " ".join(phrase.split()): reason
            for reason, phrases in rows.items()
            for phrase in phrases.split("|")
        }
    )


PHRASES = _table(
    {
        SHARE: """share|pass this on|pass it on|spread the word|tweet|teilen|partager|compartir
            |condividi|delen|dela""",
        ADVERT: """advertisement|advertisements|advert|advertising|anzeige|werbung|publicité
            |publicidad|sponsored|sponsored content|promoted|promoted content|paid post
            |sponsored links|story continues below|article continues below|scroll to continue
            |continue reading""",
        RELATED: """related|related articles|related stories|related content|related topics
            |related coverage|read more|read next|up next|more stories|more news
            |more on this story|more on this topic|recommended|recommended for you
            |recommended reading|recommended stories|you may also like|you might also like
            |you may like|around the web|see also|most read|most popular|most viewed|most shared
            |trending|trending now|top stories|latest news|latest stories|editors' picks
            |editor's picks|editors’ picks|don't miss|don’t miss|what to read next|popular now
            |popular stories|also read|mehr zum thema|lesen sie auch|meistgelesen
            |das könnte sie interessieren|lire aussi|à lire aussi|les plus lus|leer también
            |te puede interesar|lo más leído|leggi anche""",
        COMMENTS: """comments|comment|show comments|view comments|hide comments|read the comments
            |leave a comment|leave a reply|post a comment|add a comment|join the conversation|reply
            |kommentare|commentaires|comentarios""",
        COOKIES: """accept all cookies|manage cookie preferences|cookie settings|cookie policy
            |accept all|reject all|privacy settings""",
        NAVIGATION: """skip to content|skip to main content|skip to navigation|back to top|log in
            |login|sign in|sign out|register|privacy policy|privacy notice|terms of service
            |terms of use|terms and conditions|contact us|about us|advertise|advertise with us
            |careers|sitemap|site map|imprint|impressum|datenschutz|mentions légales|breaking news
            |my account|main menu|close panel|close menu|open menu|toggle navigation|view all
            |see all|show more|load more|do not sell my personal information|accessibility
            |feedback""",
        MEDIA: """listen to this article|enlarge this image|toggle caption|hide caption
            |show caption|open image in gallery|view gallery|watch the trailer|play video
            |watch the video|listen live""",
        BLOCKER: "adblock detected|ad blocker detected|adblocker detected",
    }
)
WEAK_PHRASES = _table(
    {
        SHARE: "x|save|print|email|mastodon|bluesky",
        NAVIGATION: """home|menu|search|close|next|previous|about|contact|help|faq|privacy|terms
            |more|subscribe|newsletter|newsletters""",
        MEDIA: """loading|play|pause|listen|watch|watch live|image|video|photo|gallery|audio
            |live""",
    }
)

_SITES = "twitter|facebook|instagram|mastodon|telegram|whatsapp|linkedin|rss|bluesky|threads"
_PUBLISHED = r"(?:first|originally) (?:published|appeared)"
STARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        SYNDICATION: (
            r"this (?:version|edition|article|story|piece|page|translation|post)\b.{0,160}\b"
            rf"(?:adapted|shortened|abridged|translated|republished|{_PUBLISHED})\b",
            r"(?:adapted|abridged|shortened) (?:edition|version)\b",
            r"(?:originally published|first appeared|republished) (?:on|in|at|by|from|with)\b",
        ),
        SIGN_UP: (
            r"(?:sign up|subscribe|register|join|get|receive|enter|want more)\b.{0,200}"
            r"\b(?:newsletters?|inbox|e-?mail alerts?|e-?mail address|daily briefing)\b",
            r"by (?:signing up|subscribing|submitting|clicking)\b.{0,80}\byou (?:agree|accept)",
            r"(?:melden sie sich|abonnieren sie|inscrivez-vous|abonnez-vous|suscríbase)\b.{0,120}"
            r"newsletter",
            r"(?:get|have) .{1,80}\bdelivered to (?:your|you)\b",
            rf"follow .{{0,80}}\b(?:{_SITES})\b",
            r"follow us\b",
            r"download (?:the|our) .{0,40}\bapp\b",
        ),
        PAYWALL: (
            r"you have .{0,40}\b(?:free|complimentary) articles?\b",
            r"you['’]ve reached your .{0,40}limit",
            r"already (?:a|an) (?:subscriber|member)",
            r"subscribe (?:now|today|for|to)\b",
            r"to continue reading\b",
            r"(?:this|the) (?:article|content) is (?:for|only for|available to|reserved for) "
            r"(?:subscribers|members)",
            r"support (?:our|independent|quality) (?:journalism|work)\b",
        ),
        BLOCKER: (
            r"(?:an? |your )?(?:ad ?-?blocker|adblock)",
            r"please (?:disable|turn off|switch off|whitelist) .{0,60}"
            r"(?:ad|support|site|page|us)\b",
        ),
        COOKIES: (
            r"(?:we|this (?:web)?site|our (?:web)?site|our partners).{0,60}"
            r"\b(?:use|uses|using|store) .{0,60}\bcookies?\b",
            r"we and our .{0,20}partners",
            r"by continuing to (?:use|browse)",
            r"(?:accept|manage) .{0,20}cookies?\b",
        ),
        COPYRIGHT: (
            r"©|\(c\) ?(?:19|20)\d\d|copyright (?:©|\(c\)|(?:19|20)\d\d)|all rights reserved",
            r"this (?:material|content) may not be (?:published|reproduced|copied)",
        ),
        RELATED: (
            r"(?:read more|read also|also read|read next|see also|related|recommended"
            r"|more on this|watch|listen|don['’]t miss|in pictures|lire aussi|lesen sie auch"
            r"|mehr dazu|leer más) ?[:|»›→]",
            r"(?:more|latest|popular|top stories) from\b",
            r"(?:top|more|latest|most read|most popular) (?:stories|news|articles|in|on) .{0,40}$",
            r"(?:most read|most popular|most viewed)\b .{0,30}$",
        ),
        ADVERT: (
            r"(?:(?:story|article|content|text) )?(?:continues|continued) (?:below|after)\b",
            r"-? ?advertisement\b.{0,40}$",
            r"advertising feature\b|sponsored by\b|paid for by\b",
        ),
        COMMENTS: (
            r"(?:\d[\d,.]{0,9}\+?|no|view all|show|read|add|write|post|leave) (?:\w+ )?comments?\b"
            r".{0,20}$",
            r"comments are (?:closed|off|disabled)",
            r"your e-?mail address will not be published",
            r"(?:log|sign) in to (?:comment|reply|join)",
            r"have your say",
        ),
        MEDIA: (
            r"\d{1,3}[- ]min(?:ute)?s?\.? (?:read|listen|watch)",
            r"reading time\b|estimated read\b|listen(?: to this| time)?\b.{0,30}\d ?min",
            r"listen to this (?:article|story)",
            r"(?:watch|view) (?:the )?(?:video|gallery|slideshow)\b.{0,40}$",
        ),
        CAPTION: (
            r"(?:image|media|photo|picture|video|photograph) "
            r"(?:source|caption|credit|by|courtesy)s?\b",
            r"(?:photo(?:graph)?s?|image|picture|pic|credit|foto|bild|crédit|fotografía) ?(?::|©)",
            r"getty images|ap photo\b|file (?:photo|image|picture)\b",
            r"(?:photo|image)s? courtesy\b|courtesy of .{0,60}$",
        ),
        CREDITS: (
            r"(?:additional |further )?(?:reporting|editing|writing|research|edited|compiled"
            r"|produced) by\b",
        ),
        TAGS: (r"(?:tags|filed under|topics|schlagwörter|mots-clés|etiquetas) ?:",),
        NAVIGATION: (
            r"home (?:>|›|»|/|\|) ",
            r"you are here\b",
            r".{0,60} is not responsible for the content of external",
            r"opens in (?:a )?new (?:window|tab)",
        ),
    }
)

SHARE_WORDS = """
    share this tweet facebook twitter x whatsapp email e-mail print copy link linkedin reddit
    pinterest telegram bluesky threads mastodon flipboard messenger tumblr on via by article story
    page post save gift to with friends comments comment copied url full icon button toggle
"""
SHARE_CORE = """
    share tweet facebook twitter whatsapp linkedin reddit pinterest telegram gift save print copy
    email e-mail
"""
# Names that footers list on any site, beside the site's own sections.
COMMON_SECTIONS = """
    home news politics business world technology tech sport sports entertainment health science
    weather opinion culture travel lifestyle local video photos podcasts about contact careers
    investigations arts education money style food obituaries puzzles markets economy climate
"""
AGENCIES = """getty images|afp|reuters|ap|ap photo|epa|shutterstock|alamy|bloomberg|pa wire
    |pa media|xinhua|imago|dpa|zuma press|nurphoto|istock|unsplash|pexels|anadolu"""
