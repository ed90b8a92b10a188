//! A browser without scripts: cookies, forms as a browser would post them, redirects only when asked.

use std::sync::{Arc, Mutex};

use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, redirect};

use super::{Form, Page, Service};

/// One person's browser.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    jar: Arc<Jar>,
    base: String,
    /// The token that was given last, and the cookies it was given to.
    token: Arc<Mutex<Option<(String, String)>>>,
}

impl Browser {
    pub fn new(base: &str) -> Self {
        let jar = Arc::new(Jar::default());
        let client = Client::builder()
            .cookie_provider(Arc::clone(&jar))
            .redirect(redirect::Policy::none())
            .no_proxy();
        Self {
            client: client.build().unwrap(),
            jar,
            base: base.to_owned(),
            token: Arc::default(),
        }
    }

    /// Puts a cookie into the browser.
    pub fn hold(&self, cookie: &str) {
        self.jar.add_cookie_str(cookie, &self.base.parse().unwrap());
    }

    /// A request to fill in by hand.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Sends a request made by hand.
    pub async fn send(&self, request: RequestBuilder) -> Page {
        let answer = request.send().await.unwrap();
        let page = Page::read(answer).await;
        page.must_be_sound();
        page
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts these pairs, as a form of our own page would.
    pub async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Page {
        let token = self.token().await;
        let mut pairs = pairs.to_vec();
        pairs.push(("csrf", &token));
        self.bare_post(path, &pairs).await
    }

    /// The same without the token that our forms carry.
    pub async fn bare_post(&self, path: &str, pairs: &[(&str, &str)]) -> Page {
        self.send(
            self.request(Method::POST, path)
                .headers(self.own())
                .form(pairs),
        )
        .await
    }

    /// Posts a file, beside these fields, as a form of our own page would.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Page {
        let token = self.token().await;
        let fields = [&[("csrf", token.as_str())], fields].concat();
        self.bare_upload(path, &fields, file).await
    }

    /// The same without the token that our forms carry.
    pub async fn bare_upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        (name, bytes): (&str, &[u8]),
    ) -> Page {
        let part = "--sample\r\nContent-Disposition: form-data";
        let mut body = Vec::new();
        for (field, value) in fields {
            let field = format!("{part}; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend(field.bytes());
        }
        let head = format!(
            "{part}; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend(bytes);
        body.extend(b"\r\n--sample--\r\n");
        let request = self
            .request(Method::POST, path)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "multipart/form-data; boundary=sample")
            .body(body);
        self.send(request).await
    }

    /// A token as every form holds one that this browser is given. One does as long as the cookies stay.
    pub async fn token(&self) -> String {
        let held = self.token.lock().unwrap().clone();
        if let Some((_, token)) = held.filter(|(cookies, _)| *cookies == self.cookies()) {
            return token;
        }
        let token = self.get("/notify").await.form_to("/notify").value("csrf");
        *self.token.lock().unwrap() = Some((self.cookies(), token.clone()));
        token
    }

    fn cookies(&self) -> String {
        let held = self.jar.cookies(&self.base.parse().unwrap());
        held.map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    }

    /// Submits a form as it stands.
    pub async fn submit(&self, form: &Form) -> Page {
        let pairs = form.pairs();
        let request = if form.method == "post" {
            self.request(Method::POST, &form.action)
                .headers(self.own())
                .form(&pairs)
        } else {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            let query = query.extend_pairs(&pairs).finish();
            self.request(Method::GET, &format!("{}?{query}", form.action))
        };
        self.send(request).await
    }

    /// Submits a form that another browser was given, as if it had been given to this one.
    pub async fn submit_as_own(&self, form: &Form) -> Page {
        let mut form = form.clone();
        form.set("csrf", &self.token().await);
        self.submit(&form).await
    }

    /// Submits a form and goes where the answer leads.
    pub async fn submit_on(&self, form: &Form) -> Page {
        let page = self.submit(form).await;
        self.follow(page).await
    }

    /// Goes where a page leads, until one stands still.
    pub async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..10 {
            let Some(to) = page.location() else {
                return page;
            };
            page = self.get(&to).await;
        }
        panic!("{} leads on and on", page.path)
    }

    /// A page, and where it leads.
    pub async fn open(&self, path: &str) -> Page {
        let page = self.get(path).await;
        self.follow(page).await
    }

    /// The first step of signing in.
    pub async fn password(&self, email: &str, password: &str) -> Page {
        let mut form = self.get("/sign-in").await.is(200).form();
        form.set("email", email).set("password", password);
        self.submit(&form).await
    }

    /// Both steps of signing in, through the pages.
    pub async fn sign_in(&self, service: &Service, email: &str, password: &str) -> Page {
        let page = self.password(email, password).await.is(303);
        let mut form = self.follow(page).await.is(200).form();
        form.set("code", &service.code(email));
        self.submit(&form).await
    }

    /// What a browser says of a form on our own page.
    fn own(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("origin", HeaderValue::from_str(&self.base).unwrap());
        headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        headers
    }
}
