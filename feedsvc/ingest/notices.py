"""The words of furniture: tables of what pages write around their articles.

``PHRASES`` are whole lines, lower case, without the marks around them. ``WEAK_PHRASES`` can be a
line of a poem or a list too, and count only where nothing beside them stays. ``STARTS`` are
beginnings of lines, as patterns; every one is linear.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ADVERT = "advertisement"
AUTHOR = "about the author"
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
WEATHER = "weather box"


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
        AUTHOR: """about the author|about the authors|about the writer|more about the author
            |view author archive|meet the author""",
        SHARE: """share|pin it|link copied|gift this article|save this story|reuse this content
            |pass this on|pass it on|spread the word|tweet|teilen|partager
            |compartir|condividi|delen|dela|like loading|like loading...""",
        ADVERT: """advertisement|advertisements|advert|advertising|anzeige|werbung|publicité
            |publicidad|sponsored|sponsored content|promoted|promoted content|paid post
            |paid content|partner content|why this ad?|advertiser disclosure
            |affiliate disclosure|sponsored links|story continues below|article continues below
            |scroll to continue|la suite après la publicité|la suite après cette publicité
            |continúa después de la publicidad|weiterlesen nach der anzeige
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
            |explore more on these topics|explore more|in case you missed it|people are reading
            |people are also reading|readers also like|others are reading
            |editor's choice|editors' choice|next article|previous article|next up
            |from our partners|sponsored stories|from around the web|more like this
            |te puede interesar|lo más leído|leggi anche""",
        COMMENTS: """comments|comment|most liked|sort by newest|newest|oldest
            |newest first|oldest first|most recent first|all comments|top comment|best comments
            |be the first to comment|join the discussion
            |top comments|show comments|view comments|hide comments|read the comments
            |leave a comment|leave a reply|post a comment|add a comment|join the conversation|reply
            |kommentare|commentaires|comentarios""",
        COOKIES: """accept all cookies|manage cookie preferences|cookie settings|cookie policy
            |manage consent|accept all|reject all|privacy settings|we value your privacy
            |your privacy choices|your ad choices""",
        NAVIGATION: """skip to content|skip to main content|skip to navigation|back to top|log in
            |login|sign in|sign out|register|privacy policy|privacy notice|terms of service
            |terms of use|terms and conditions|contact us|about us|advertise|advertise with us
            |careers|sitemap|site map|imprint|impressum|datenschutz|mentions légales|breaking news
            |my account|main menu|close panel|close menu|open menu|toggle navigation|view all
            |see all|show more|load more|do not sell my personal information|accessibility
            |feedback|accessibility help|accessibility links|report a correction or typo
            |report an error|suggest a correction|submit a news tip|submit a tip|work for us
            |corrections and clarifications|in this article|in this story|topics in this article
            |on this page|text size|uk edition|us edition|select your region|ad feedback
            |complaints & corrections|closed captioning|eeo report|fcc public files|adchoices
            |ad choices|media kit|customer service|help center|reprints|app store|google play""",
        MEDIA: """listen to this article|enlarge this image|toggle caption|hide caption
            |show caption|hide transcript|transcript|read transcript|download|embed|loading poll...
            |loading...|loading…|up next|now playing|unmute|sponsor message|comment loader
            |full screen|jump to recipe
            |image gallery|photo gallery|play audio|reading time
            |open image in gallery|view gallery|watch the trailer|play video
            |watch the video|listen live""",
        PAYWALL: """subscribe now|donate|donate now|make a donation|support us|become a member
            |give now|subscriber exclusive|for subscribers|subscribers only|premium
            |article réservé aux abonnés|réservé aux abonnés|nur für abonnenten
            |exclusivo para suscriptores|contenido exclusivo para suscriptores""",
        TAGS: "archivado en|classé dans|posted in",
        BLOCKER: "adblock detected|turn off your ad blocker|ad blocker detected|adblocker detected",
    }
)
WEAK_PHRASES = _table(
    {
        SHARE: "x|save|print|email|mastodon|bluesky|bookmark|like this|merken|drucken|imprimer",
        TAGS: "tags|schlagwörter|schlagworte|mots-clés|etiquetas",
        PAYWALL: "no thanks|not now|maybe later|remind me later",
        DIVIDER: "ends|end|###",
        NAVIGATION: """home|menu|search|close|next|previous|about|contact|help|faq|privacy|terms
            |more|subscribe|newsletter|newsletters""",
        MEDIA: """loading|play|pause|listen|watch|watch live|image|video|photo|gallery|audio
            |live""",
    }
)

_SITES = "twitter|facebook|instagram|mastodon|telegram|whatsapp|linkedin|rss|bluesky|threads"
_CONTACT = "us|our|e-?mail|call|send|contact|tell|share|text|write|touch|submit"
_PUBLISHED = r"(?:first|originally) (?:published|appeared)"
STARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        SHARE: (
            r"pass (?:it|this) on\b.{0,30}$",
            r"share (?:this|on|via)\b[^.!?]{0,40}$",
            r"click to (?:share|e-?mail|print|pin)\b[^.!?]{0,70}$",
            r"share or comment on this\b|(?:link copied|saved) to (?:your )?\w+(?: list)?$",
        ),
        SYNDICATION: (
            r"this (?:version|edition|article|story|piece|page|translation|post)\b.{0,160}\b"
            rf"(?:adapted|shortened|abridged|translated|republished|{_PUBLISHED})\b",
            r".{0,60}\bthis (?:page|article|story|version) (?:was|is|has been) "
            r"(?:condensed|summari[sz]ed|rewritten|translated|generated|produced) "
            r"(?:by|with|using) (?:an? )?(?:automated|automatic|ai|artificial|machine)\b",
            r"(?:adapted|abridged|shortened) (?:edition|version)\b",
            r"(?:originally published|first appeared|republished) (?:on|in|at|by|from|with)\b",
        ),
        SIGN_UP: (
            r"(?:sign up|subscribe|register|join|get|receive|enter|want more)\b.{0,200}"
            r"\b(?:newsletters?|inbox|e-?mail alerts?|e-?mail address|daily briefing)\b",
            r"by (?:signing up|subscribing|submitting|clicking)\b.{0,80}\byou (?:agree|accept)"
            r"|i (?:understand and )?agree (?:that|to)\b.{0,80}\b(?:(?:web)?site|terms|policy)\b",
            r"(?:melden sie sich|abonnieren sie|inscrivez-vous|abonnez-vous|suscríbase)\b.{0,120}"
            r"newsletter",
            r"(?:get|have) .{1,80}\bdelivered to (?:your|you)\b",
            rf"follow .{{0,80}}\b(?:{_SITES}|google news)\b",
            r"(?:join|follow|subscribe to|sign up (?:to|for)) our [^.,]{0,30}\b(?:channel|community"
            r"|live blog|group)\b[^.]{0,50}$",
            r"get (?:the latest|breaking|our|free|instant|daily) [^.,]{0,50}"
            r"\b(?:alerts?|notifications?|your phone|your device)\b[^.,]{0,30}$",
            r"never miss an?(?:other)? (?:[\w-]+ )?(?:story|update|episode|article)\b.{0,3}$",
            r"(?:thanks|thank you) for (?:subscribing|signing up)\b|you are now subscribed"
            r"|turn on notifications$|please (?:enter a valid|check your|confirm your) e-?mail\b",
            r"follow us\b(?! (?:into|to|through|down|up|along|across|over)\b)",
            r"enter your e-?mail(?: address)?(?: sign (?:me )?up)?$",
            r"our (?:morning|evening|daily|weekly|free) e-?mail\b",
            r"(?:privacy notice ?: ?)?newsletters may contain .{0,40}"
            r"\b(?:info|ad|promo|sponsor|content)",
            r"your information will be used (?:in|by|to)\b"
            r"|we will never share your .{0,40}\b(?:e-?mail|address|details|data|information)\b",
            r"click here to (?:download (?:our|the)|sign up|subscribe)\b",
            r"(?:app users|app store|google play) ?: .{0,80}$",
            r"(?:get|download|try) (?:the|our) [^.;:]{0,50}\bapp\b",
            r"join .{0,40}\b(?:subscribers?|readers|members|who already subscribe)\b",
            r"download (?:the|our) .{0,40}\bapp\b|download ?: [^.]{0,60}\bapps?\b",
        ),
        PAYWALL: (
            r"you have (?:\d|reached|read|used|no|one|two|three)\b.{0,30}\b(?:free"
            r"|complimentary) articles?\b",
            r"you['’]ve reached your .{0,40}limit",
            r"(?:already (?:subscribed|registered)|not an? (?:subscriber|member)(?: yet)?) ?\?",
            r"(?:this is a )?(?:subscriber|member)s?[- ]only (?:article|story|content|post)\W*$",
            r"exclusive (?:content )?(?:to|for) (?:our )?(?:subscribers|members)\W*$",
            r"(?:create|register|log in|sign (?:in|up)|subscribe|join)\b.{0,40}\bto (?:continue"
            r"(?: reading)?|(?:read|unlock) (?:this|the full|on|more)\b.{0,20})\W*$",
            r"unlock this (?:article|story)\b",
            r"already (?:a|an) (?:subscriber|member)(?: (?:of|to|with) [^,.]{2,40})?"
            r"(?:[?!:|.]|,? (?:log|sign)|$)",
            r"get unlimited (?:digital )?access\b",
            r"(?:try|enjoy) .{0,20}\b(?:first|\d{1,3}|two|three|four|six|an?|full"
            r"|unlimited|digital)\b.{0,20}\b(?:weeks?|months?|years?|access|subscription)\b.{0,40}"
            r"\bfor (?:just |only )?[$£€]\d",
            r"(?:we hope you will |please )consider (?:supporting|donating|making a|becoming a)\b",
            r"you make [^.!?]{3,40} possible\b",
            r"your (?:gift|donation) (?:today|keeps|helps|makes)\b",
            r"help us (?:keep|continue|fund)\b.{0,60}\b(?:journalism|reporting|news|site)\b",
            r"remind me in (?:january|february|march|april|may|june|july|august|september|october"
            r"|november|december)$",
            r"subscribe (?:now|today|for"
            r"|to(?! (?:that|(?:this|the|an?) (?:idea|notion|view|theory|belief))\b))\b",
            r"to continue reading(?: this .{1,20}?)?[,:]? ?(?:please|subscribe|sign|log"
            r"|register|create|enter|you|$)",
            r"(?:this|the) (?:article|content) is (?:for|only for|available to|reserved for) "
            r"(?:subscribers|members\b(?! of\b))",
            r"support (?:our|independent|quality|local|public) (?:journalism|work|news"
            r"|reporting|media)\b",
            r"(?:your|a) (?:tax-deductible|generous) (?:gift|donation|contribution|support)\b",
            r"(?:donate|contribute|become a (?:member|supporter|patron))\b.{0,100}"
            r"\b(?:journalism|newsroom|station|reporting)\b",
            r"(?:our|independent|local|public) journalism (?:is|depends|relies|needs)\b.{0,80}"
            r"\b(?:you|your|readers)\b",
        ),
        BLOCKER: (
            r"(?:an? |your )?(?:ad ?-?blocker|adblock)",
            r"(?:we['’]ve |we have |we )?(?:noticed|detected|see)(?: that)? you(?:['’]re| are) "
            r".{0,20}\bad ?-?block",
            r"turn (?:it|them|your ad ?-?blocker) off (?:for|on) (?:our|this) (?:web)?site\b",
            r"please (?:disable|turn off|switch off|whitelist) .{0,60}"
            r"(?:ad|support|site|page|us)\b",
        ),
        COOKIES: (
            r"(?:we|this (?:web)?site|our (?:web)?site|our partners).{0,60}"
            r"\b(?:use|uses|using|store) .{0,60}\bcookies?\b",
            r"we and our .{0,20}partners?\b.{0,60}\b(?:store|use|using|process|access|collect|data"
            r"|cookies?|consent|permission)\b",
            r"by continuing to (?:use|browse)\b.{0,80}\b(?:you|(?:web)?site|cookies?|terms)\b",
            r"(?:accept|manage) .{0,20}cookies?\b",
        ),
        COPYRIGHT: (
            r"copyright (?:of |by )?(?:the )?(?!(?:act|law|bill|directive|treaty|case|year)\b)"
            r"(?-i:[^\W\d_a-z])[^.!?:,]{2,50} (?:(?:19|20)\d\d|ltd|inc|limited|plc|llc)\W{0,2}$",
            r"©|\(c\) ?(?:19|20)\d\d|copyright (?:©|\(c\)|(?:19|20)\d\d)"
            r"|all rights reserved(?! (?:for|to)\b)",
            r"our standards ?:|read our (?:editorial )?(?:standards|policy|guidelines)\b",
            r"this (?:material|content) may not be (?:published|reproduced|copied)"
            r"(?:,| or\b| without\b|[.!]?$)",
        ),
        RELATED: (
            r"(?:read more|read also|also read|read next|see also|related|recommended"
            r"|more on this|watch|listen|don['’]t miss|in pictures|(?:à )?lire aussi|lesen sie auch"
            r"|mehr dazu|leer (?:más|también)|lea también|lees ook|leggi anche|leia também"
            r") ?[:|»›→]",
            r"(?:more|latest|popular|top stories) from\b",
            r"related (?:topics|stories|articles|news|content) ?[:|]",
            r"(?:(?:see|view|read) )?(?:more|all) (?:(?:posts|stories|articles) )?by (?-i:[A-Z])"
            r"[^.!?]{2,40}$",
            r"read (?:the )?(?:full|whole|original) (?:article|story|post)\W*$",
            r"(?:previous|next|earlier|older|newer) (?:article|story|post|news)\b ?[:|»›→] ?"
            r"(?-i:[^a-z]).+$",
            r"(?:top|more|latest|most read|most popular) (?:stories|news|articles|in"
            r"|on) [^.!?]{0,40}$",
            r"(?:most read|most popular|most viewed)\b .{0,30}$",
            r"more (?:coverage|headlines|like this|reading)$|also (?:on|in) [^.]{2,40}$",
            r"more ?: (?-i:[A-Z]).{10,}$|see (?:more |all )?(?:stories|articles) by\b.{2,40}$",
            r"related (?:internet )?links?$|(?:internet|external) links$|top picks\b.{0,30}$",
        ),
        ADVERT: (
            r"(?:(?:story|article|content|text) )?(?:continues|continued) (?:below|after)"
            r"(?: (?:the |this |our )?(?:ad|advert\w*|video|gallery|photos?|picture|image|map"
            r"|graphic|break|newsletter|message|promotion|sponsor\w*)\b|\W{0,3}$)",
            r"-? ?advertisement\b.{0,40}$",
            r"(?:promoted|powered|recommended) by (?:the )?(?-i:[A-Z])[^.!?,:]{1,30}$",
            r"in association with (?:the )?(?-i:[A-Z])[^.!?,:]{1,40}$",
            r"advertising feature\b|(?:sponsored|paid for) by (?:the |our )?(?-i:[^\W_a-z])",
            r"allow ads(?: (?:on|for) (?:this|our) (?:\w+ ){0,2}(?:site|page|app)\b"
            r"| to continue\b|[.!]?$)",
        ),
        COMMENTS: (
            r"(?:\d[\d,.]{0,9}\+?|no|view(?: all)?|show|read|add|write|post|leave) (?:[\w,]+ )?"
            r"comments?\b[^.!?]{0,20}$",
            r"comments are (?:now )?(?:closed|off|disabled)(?: (?:for|on|to|at|in|by)\b|\W{0,3}$)",
            r"comment (?:removed|deleted) by (?:a |the )?moderator",
            r"comments? ?\(\d[\d,.]{0,9}\)$",
            r"\d[\d,.]{0,9}k? (?:shares?|likes?|retweets?|reactions?|replies|views"
            r"|cooking notes|reviews)$",
            r"(?:\d{1,4}|one|two|three|four) (?:thoughts?|responses?|replies) (?:on|to) [“‘\"'«]",
            r"your e-?mail address will not be published",
            r"(?:log|sign) in to (?:comment|reply|join)",
            r"sort(?:ed)? by ?:? ?(?:newest|oldest|most recent|best|latest)\b[^.!?]{0,20}$",
            r"(?:leave|share|tell us|let us know)\b[^.!?]{0,40}\bin the comments(?: section)?\b"
            r"(?: below)?\W{0,3}$",
            r"what do you think\? .{0,60}\bcomments?\b.{0,20}$",
            r"(?:all )?comments (?:are|will be) (?:pre-?)?moderated\b",
            r"have your say",
        ),
        MEDIA: (
            r"\d{1,3}[- ]min(?:ute)?s?\.? (?:read|listen|watch)(?:\.?|\b.{0,80}(?<!\.))$",
            r"(?:reading time|temps de lecture|lesezeit|lesedauer|tiempo de lectura|leestijd"
            r"|tempo di lettura)\b[^.!?]{0,30}(?:min\.)?$|estimated read\b",
            r"listen(?: to this| time)?\b[^.,]{0,30}\d ?min.{0,20}(?<!\.)$",
            r"listen to this (?:article|story)\b[^.!?]{0,40}$",
            r"(?:to view this video,? )?please enable javascript\b",
            r"(?:add|make) .{1,40}\bpreferred (?:source )?on google\b",
            r"add us as (?:a )?preferred source",
            r"this video (?:can ?not|can['’]t|is (?:playing|not available|unavailable))\b.{0,40}$",
            r"(?:your browser does not support|video player is loading|javascript is required)\b",
            r"view (?:all )?\d{1,3} (?:images|photos|pictures|slides)$|swipe (?:for more|to see)\b",
            r"\d{1,2} minutes? to read$|estimated reading time\b",
            rf"(?:view|see|see more|watch|open) on (?:{_SITES}|youtube|tiktok|x)$",
            r"(?:watch|view) (?:the )?(?:video|gallery|slideshow)\b(?:[^.]{0,40}"
            r"|.{0,30}\b(?:above|below|here|now|player)[.!]?)$",
            r"(?:listen|audio|video|watch|play)\b[^.!?]{0,12}\d{1,2}:\d\d(?::\d\d)?\b.{0,60}(?<!\.)$",
            r"heard on (?-i:(?:[A-Z][\w'’]{0,20} ?){1,5})$",
            r"(?:image|photo|picture|slide)? ?\d{1,3} ?(?:of|/) ?\d{1,3}$",
            r"view (?:this|the) (?:post|tweet|thread|video) on (?-i:[A-Z])",
            r"an? (?:post|video|reel|photo) shared by\b[^.!?]*$",
            r"\d{1,2}[:.]\d\d (?:live|update)\b ?[-–—:]",
            r"(?:to view|this) (?:this )?(?:content|embed|report|page) .{0,60}\bcookies?\b",
            r"poll ?: [^.!]{5,100}\?$",
        ),
        CAPTION: (
            r"pictured(?: here| above| below)? ?: (?-i:[^a-z])",
            r"illustrations? by (?-i:[^\W\d_a-z]).{0,120}$",
        ),
        CREDITS: (
            r"reporting from (?:the )?(?-i:[^\W_a-z])[^.]{1,40}$",
            r"(?:additional |further )?(?:reporting|editing|writing|research|edited|compiled"
            r"|produced) by (?:the )?(?-i:[^\W_a-z])",
        ),
        AUTHOR: (r"about the (?:author|writer|reporter)s? ?[:|-]",),
        WEATHER: (
            r"(?:hi(?:gh)?|max)[: ]{1,2}-?\d{1,3} ?°.{0,40}\blow?[: ]{1,2}-?\d{1,3}",
            r"(?:weather|today|now|currently) ?[:|]? -?\d{1,3} ?°.{0,40}$",
            r"-?\d{1,3} ?° ?[fc]?\b.{0,30}(?:full|extended|\d{1,2}-day) forecast$",
        ),
        TAGS: (
            r"(?:tags|filed under|tagged with|topics|schlagwörter|mots-clés|etiquetas|archivado en"
            r") ?:|posted in (?-i:[A-Z])[^.|]{1,60}\| ?tagged\b",
        ),
        NAVIGATION: (
            r"home (?:>|›|»|/|\|) ",
            r"(?:skip|jump) to (?:main |the )?(?:content|navigation|comments|recipe|article)\b",
            r"letters to the editor ?:",
            r"(?:do you have|have you got|got an?y?)\b.{1,60}\b(?:story|stories|tips?|news"
            rf"|questions?)\b(?:.{{0,30}}\?$|.{{0,80}}\b(?:{_CONTACT})\b)",
            r"send us .{0,60}\b(?:story|stories|tips?|news)\b.{0,60}$",
            r"you are here ?(?:[:>›»/|]|[.!]?$)",
            r"this (?:article|story|post) is (?:more than|over) \w{1,6} (?:years?|months?|weeks?"
            r"|days?) old\W*$",
            r"(?:spotted|noticed|found|see) an? (?:error|mistake|typo|correction)\b ?\?",
            r"weather forecast for your (?:area|region|town|city)\b"
            r"|(?:skip|report|hide|close) (?:this )?ad(?:vert(?:isement)?)?$|terms apply$"
            r"|contact the (?:author|reporter|newsroom)$",
            r"(?:back|return|go|scroll) to top(?: of (?:the )?page)?$|follow (?:this )?topic$",
            r"(?:click|tap) (?:here )?to (?:read|see|view|expand|enlarge)\b[^.]{0,30}$",
            r"(?:view|open|read) (?:this (?:e-?mail|article|page) )?in (?:your |our |the )?"
            r"(?:browser|app)$|(?:increase|decrease|change|adjust) (?:the )?(?:text|font) size$",
            r"(?:buy|purchase) (?:this |a )?(?:photos?|prints?)$|letters? to the editor$",
            r"was this (?:page|article|story|information|content) (?:helpful|useful)(?: to you)?\b"
            r"\W{0,5}(?:yes\b.{0,10})?$",
            r"(?:media|press) (?:contacts?|enquiries|inquiries|office) ?:",
            r"(?:accessibility|privacy|cookies?) statement$|sign the guest ?book$|send flowers$",
            r"(?:pin|rate|print|save|e-?mail|bookmark|copy|report|follow) this (?:recipe|page"
            r"|article|story|author|post)(?: to a friend)?$",
            r"opens in (?:a )?new (?:window|tab)",
        ),
    }
)

# A place, a figure and the sky: a line of records can be the same ("Athens 38 °C"), so it is weak.
WEATHER_LINE = (
    r"^(?-i:(?:[A-Z][\w'’.-]{0,20}(?:, ?| |(?=[:|]))){0,5})[:|]? ?"
    r"(?:-?\d{1,3} ?°(?: ?[fc]\b)?|[ ,|/:]|\d{1,3} ?%|(?:mostly|partly|sunny|cloudy|clear|rain|snow"
    r"|showers?|fair|fog|overcast|light|heavy|wind|humidity|feels|like|hi|lo|high|low|skies|sky|and"
    r"|now|today|tonight)\b){1,30}$"
)

# Notices that are told by words anywhere in them: the word that must stand there, case-folded, and
# the pattern that is then looked for.
CONTAINS: tuple[tuple[str, str, str], ...] = (
    (
        "newsletter",
        SIGN_UP,
        r"\bnewsletters?\b.{0,160}\b(?:sign up|subscribe|inbox)\b"
        r"|[.!?:] (?:sign up|subscribe) (?:to|for) (?:our|the|this)\b.{0,60}\bnewsletters?\b",
    ),
    ("podcasts", SIGN_UP, r"\bwhere(?:ver)? you (?:get|find|listen to) (?:your )?podcasts\b"),
    (" now", PAYWALL, r"^.{0,110}\b(?:subscribe|sign up) now[.!]?$"),
    (" today", PAYWALL, r"^.{0,110}\b(?:subscribe|sign up) today[.!]?$"),
    (" here", PAYWALL, r"^.{0,110}\b(?:subscribe|sign up) here[.!]?$"),
    ("part of the", COPYRIGHT, r"\b(?:19|20)\d\d\. ?part of the\b"),
    (
        "commission",
        ADVERT,
        r"\b(?:we|daily|post|times|site|page)\b.{0,20} may (?:earn|receive"
        "|get) (?:an? )?commission",
    ),
    ("affiliate", ADVERT, r"\baffiliate (?:links?|commission|partners?)\b"),
    ("cookies may", COOKIES, r"\b(?:we|our|this)\b.{0,160}\bcookies may be (?:set|used|stored)"),
    ("°", WEATHER, WEATHER_LINE),
    (
        "contributed",
        CREDITS,
        r"^.{3,90}\bcontributed (?:to this (?:report|story|article)(?! o[fn]\b)"
        r"|reporting(?= (?:to|from)\b|\W{0,3}$))",
    ),
    ("small favo", PAYWALL, r"\ba small favou?r to ask\b"),
    ("print edition", NAVIGATION, r"\bpublished in the print edition of\b"),
    ("to your inbox", SIGN_UP, r"\b(?:delivered|straight|direct|sent) to your inbox\b"),
    (
        "responsible",
        NAVIGATION,
        r"\bnot responsible for the content of external (?:\w+ )?(?:\w*site|link)",
    ),
)
