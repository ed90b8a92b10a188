//! The style sheets, scripts and pictures the pages need, embedded by `build.rs` under names
//! that hold a hash of their content, so a browser may keep them for good.
//! Knows nothing of cases, sessions or templates.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

/// One embedded file.
#[derive(Debug)]
pub struct Asset {
    /// What templates call it: `app.css`.
    pub name: &'static str,
    /// Where it is served: `/assets/app.0a1b….css`.
    pub path: &'static str,
    pub content_type: &'static str,
    pub bytes: &'static [u8],
}

impl Asset {
    /// The hashed file name, quoted; it changes whenever the content does.
    pub fn etag(&self) -> String {
        format!("\"{}\"", self.path.trim_start_matches("/assets/"))
    }
}

mod built {
    use super::Asset;
    include!(concat!(env!("OUT_DIR"), "/front_end.rs"));
}

/// The design system's one inline script, which tells its styles that scripts run.
pub const INLINE_SCRIPT: &str = built::SCRIPT;
/// The script's source expression for the content security policy's `script-src`, quoted.
pub const INLINE_SCRIPT_HASH: &str = built::SCRIPT_HASH;

/// Every template of the source tree: name (`components/tag.html`) and content.
pub(crate) fn templates() -> &'static [(&'static str, &'static str)] {
    built::TEMPLATES
}

/// Every embedded file, in the order of its name.
pub fn all() -> &'static [Asset] {
    built::ASSETS
}

/// The file served at an address, for example `/assets/app.0a1b….css`.
pub fn find(path: &str) -> Option<&'static Asset> {
    all().iter().find(|asset| asset.path == path)
}

/// The address of a file by its plain name, for example `app.css`.
pub fn asset_url(name: &str) -> Option<&'static str> {
    all()
        .iter()
        .find(|asset| asset.name == name)
        .map(|asset| asset.path)
}

/// Answers `GET /assets/{file}`: the file, kept for a year, or 404 with no body.
#[expect(
    clippy::unused_async,
    reason = "a handler is async, and this one never waits"
)]
pub async fn get(request: HttpRequest) -> HttpResponse {
    let Some(asset) = find(request.path()) else {
        return HttpResponse::NotFound().finish();
    };
    let etag = asset.etag();
    let held = request.headers().get(header::IF_NONE_MATCH);
    let held = held
        .and_then(|value| value.to_str().ok())
        .is_some_and(|v| v.contains(&etag));
    let mut answer = if held {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::ETAG, etag));
    if held {
        return answer.finish();
    }
    answer.content_type(asset.content_type).body(asset.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> &'static str {
        let asset = find(asset_url(name).unwrap()).unwrap();
        std::str::from_utf8(asset.bytes).unwrap()
    }

    #[test]
    fn style_sheets_carry_no_brand_and_ask_for_nothing_we_do_not_hold() {
        for name in ["govuk-frontend.css", "moj-frontend.css", "app.css"] {
            let css = text(name);
            assert!(!css.contains("@font-face"), "{name} has a font");
            assert!(!css.contains("GDS Transport"), "{name} names GDS Transport");
            assert!(!css.contains("@import"), "{name} imports");
            for (at, _) in css.match_indices("url(") {
                let address = css[at + 4..].split(')').next().unwrap();
                assert!(
                    find(&format!("/assets/{address}")).is_some(),
                    "{name}: {address}"
                );
            }
        }
    }

    #[test]
    fn the_page_script_imports_the_hashed_bundles() {
        for address in text("app.js")
            .split('"')
            .filter(|part| part.starts_with("./"))
        {
            assert!(
                find(&address.replace("./", "/assets/")).is_some(),
                "{address}"
            );
        }
    }

    #[test]
    fn no_embedded_file_points_at_a_source_map() {
        for asset in all()
            .iter()
            .filter(|asset| !asset.content_type.starts_with("image"))
        {
            assert!(
                !text(asset.name).contains("sourceMappingURL"),
                "{}",
                asset.name
            );
        }
    }

    #[actix_web::test]
    async fn a_file_is_kept_for_good_and_not_sent_twice() {
        let path = asset_url("app.css").unwrap();
        let request = actix_web::test::TestRequest::with_uri(path).to_http_request();
        let answer = get(request).await;
        assert_eq!(answer.status(), 200);
        let etag = answer.headers().get(header::ETAG).unwrap().clone();
        let request = actix_web::test::TestRequest::with_uri(path)
            .insert_header((header::IF_NONE_MATCH, etag))
            .to_http_request();
        assert_eq!(get(request).await.status(), 304);
        let request = actix_web::test::TestRequest::with_uri("/assets/x").to_http_request();
        assert_eq!(get(request).await.status(), 404);
    }
}
