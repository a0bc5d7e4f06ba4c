# Varnish in front of feedsvc: keeps what it may, forgets at once what feedsvc tells it to.
#
#   varnishd -a :80 -f /etc/varnish/feedsvc.vcl -s malloc,256m
#
# In config.yaml, by address or, with Debian's package varnish-modules, by key:
#
#   purge: http://127.0.0.1                  # PURGE /feeds/politics.xml
#
#   purge:
#     url: http://127.0.0.1/
#     headers: {xkey-purge: "{keys}"}         # all that shows politics, in one request
vcl 4.1;

import std;
import xkey;

backend feedsvc {
    .host = "127.0.0.1";
    .port = "8080";
    .probe = { .url = "/healthz"; .interval = 2s; .timeout = 1s; .window = 3; .threshold = 2; }
}

# Who may make it forget: where feedsvc's engines run.
acl engines {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ engines) {
            return (synth(403, "Not from here"));
        }
        if (req.http.xkey-purge) {
            set req.http.n = xkey.purge(req.http.xkey-purge);
            return (synth(200, "Forgotten: " + req.http.n));
        }
        return (purge);
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # What is private, or about this very moment.
    if (req.url ~ "^/(admin|partners|hub|rsscloud)(/|$)" || req.url ~ "^/(healthz|readyz|metrics)$") {
        return (pass);
    }
    # Delta answers are for one reader.
    if (req.http.A-IM) {
        return (pass);
    }
    # feedsvc compresses better than we could; as few variants as readers need.
    if (req.http.Accept-Encoding ~ "br") {
        set req.http.Accept-Encoding = "br";
    } elsif (req.http.Accept-Encoding ~ "gzip") {
        set req.http.Accept-Encoding = "gzip";
    } else {
        unset req.http.Accept-Encoding;
    }
    unset req.http.Cookie;
    # stale-while-revalidate: for a minute nobody waits for the new one. While feedsvc is down, the
    # old one is good for the day that stale-if-error gives.
    if (std.healthy(req.backend_hint)) {
        set req.grace = 60s;
    }
    return (hash);
}

sub vcl_backend_response {
    set beresp.http.xkey = beresp.http.Surrogate-Key;
    # stale-if-error: a day in reserve; vcl_recv lets all of it be used only while feedsvc is down.
    if (beresp.http.Cache-Control ~ "stale-if-error") {
        set beresp.grace = 1d;
    }
    # An error is no answer to keep while there is an older good one.
    if (beresp.status >= 500 && bereq.is_bgfetch) {
        return (abandon);
    }
}

sub vcl_deliver {
    # For us alone.
    unset resp.http.xkey;
    unset resp.http.Surrogate-Key;
    unset resp.http.Cache-Tag;
}
