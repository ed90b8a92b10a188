//! What every answer tells the browser, whoever made it: ask nobody else for anything, keep nothing, show this page
//! in no other, tell nobody where the reader came from. The one place for it. Must not know any route.

use std::sync::LazyLock;

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, SERVER,
    STRICT_TRANSPORT_SECURITY,
};

use super::assets;

/// Everything a page may load, and where its forms may go.
static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; script-src 'self' {}; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        assets::INLINE_SCRIPT_HASH
    );
    HeaderValue::from_str(&policy).ok()
});

/// What a file may do that is served as a download: nothing at all.
pub const DOWNLOAD: &str =
    "sandbox; default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// Two years, as the lists that browsers ship ask for.
const TLS_ONLY: &str = "max-age=63072000; includeSubDomains";

const FIXED: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    // Also what makes a browser say `Origin: null` of our own forms; see `csrf`.
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "accelerometer=(), autoplay=(), \
         browsing-topics=(), camera=(), clipboard-read=(), clipboard-write=(), compute-pressure=(), \
         cross-origin-isolated=(), display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), \
         gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), interest-cohort=(), \
         keyboard-map=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), \
         picture-in-picture=(), publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), \
         serial=(), speaker-selection=(), storage-access=(), usb=(), window-management=(), \
         xr-spatial-tracking=()",
    ),
];

/// Sets them. A file that is downloaded says for itself that it may do even less than a page, and the style sheets
/// that they may be kept; everything else may not be.
pub fn secure(headers: &mut HeaderMap, under_tls: bool) {
    for (name, value) in FIXED {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if let (false, Some(policy)) = (headers.contains_key(CONTENT_SECURITY_POLICY), &*POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if under_tls {
        let value = HeaderValue::from_static(TLS_ONLY);
        headers.insert(STRICT_TRANSPORT_SECURITY, value);
    }
    headers.remove(SERVER);
}
