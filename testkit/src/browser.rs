//! A browser without a screen: keeps cookies by path, and sends the CSRF value that came with the session.
#![expect(clippy::panic, reason = "a server that cannot be reached fails the test that speaks with it")]

use std::time::Duration;

use serde_json::Value;
use ureq::http::Request;
use ureq::{Agent, Body};

use crate::answer::Answer;
use crate::socket::Socket;

const PATIENCE: Duration = Duration::from_secs(30);
const MAX_BODY_BYTES: u64 = 256 << 20;

/// One browser profile at one server. Two of them share nothing.
#[derive(Debug, Clone)]
pub struct Browser {
    base: String,
    agent: Agent,
    cookies: Vec<Cookie>,
    csrf: Option<String>,
    bearer: Option<String>,
    as_visit: bool,
}

#[derive(Debug, Clone)]
struct Cookie {
    name: String,
    value: String,
    path: String,
}

impl Browser {
    /// A browser that has not been anywhere. `base` is an origin, such as `http://127.0.0.1:8080`.
    pub fn new(base: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .allow_non_standard_methods(true);
        Self {
            base: base.trim_end_matches('/').to_owned(),
            agent: config.build().into(),
            cookies: Vec::new(),
            csrf: None,
            bearer: None,
            as_visit: false,
        }
    }

    /// Speaks as the visit's patient or consultant from now on: `x-bianque-as: visit`.
    pub fn as_visit(mut self) -> Self {
        self.as_visit = true;
        self
    }

    /// Speaks as a program from now on: `Authorization: Bearer …`.
    pub fn with_bearer(mut self, token: &str) -> Self {
        self.bearer = Some(token.to_owned());
        self
    }

    /// Speaks with this origin from now on, cookies and all: the server came back on another port.
    pub fn moves_to(&mut self, base: &str) {
        base.trim_end_matches('/').clone_into(&mut self.base);
    }

    /// Sends another CSRF value from now on, or none.
    pub fn set_csrf(&mut self, value: Option<&str>) {
        self.csrf = value.map(str::to_owned);
    }

    /// The CSRF value that came last with a session or a confirmation.
    pub fn csrf(&self) -> Option<&str> {
        self.csrf.as_deref()
    }

    /// The value of a cookie, whatever its path.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|cookie| cookie.name == name).map(|cookie| cookie.value.as_str())
    }

    /// `GET`.
    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    /// `HEAD`.
    pub fn head(&mut self, path: &str) -> Answer {
        self.send("HEAD", path, &[], None)
    }

    /// `DELETE`.
    pub fn delete(&mut self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None)
    }

    /// `POST` of JSON.
    pub fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send_json("POST", path, body)
    }

    /// `PUT` of JSON.
    pub fn put(&mut self, path: &str, body: &Value) -> Answer {
        self.send_json("PUT", path, body)
    }

    /// `PATCH` of JSON.
    pub fn patch(&mut self, path: &str, body: &Value) -> Answer {
        self.send_json("PATCH", path, body)
    }

    /// Any request. A relative path is sent to the server's origin.
    ///
    /// # Panics
    /// When the server cannot be reached or its answer cannot be read.
    #[track_caller]
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Answer {
        let request = format!("{method} {path}");
        match self.try_send(method, path, headers, body) {
            Ok(answer) => answer,
            Err(error) => panic!("{request}: {error}"),
        }
    }

    /// The same, for tests in which the server may be gone.
    pub fn try_send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, ureq::Error> {
        let request = format!("{method} {path}");
        let builder = headers
            .iter()
            .fold(self.request(method, path), |builder, (name, value)| builder.header(*name, *value));
        let response = match body {
            Some(body) => self.agent.run(builder.body(body)?)?,
            None => self.agent.run(builder.body(())?)?,
        };
        let answer = read(request, response)?;
        self.keep(path, &answer);
        Ok(answer)
    }

    /// Opens a WebSocket below the server's origin, with the cookies and the CSRF value of this browser.
    pub fn socket(&self, path: &str) -> anyhow::Result<Socket> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let csrf = self.csrf.as_deref().map(|csrf| format!("{joint}csrf={csrf}")).unwrap_or_default();
        let visit = match (self.as_visit, csrf.is_empty()) {
            (true, true) => format!("{joint}as=visit"),
            (true, false) => "&as=visit".to_owned(),
            (false, _) => String::new(),
        };
        let url = format!("{}{path}{csrf}{visit}", self.base.replacen("http", "ws", 1));
        Socket::open(&url, &self.base, self.cookies_for(path).as_deref())
    }

    fn send_json(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, &[("content-type", "application/json")], Some(body.to_string().as_bytes()))
    }

    fn request(&self, method: &str, path: &str) -> ureq::http::request::Builder {
        let mut builder = Request::builder().method(method).uri(format!("{}{path}", self.base));
        let safe = matches!(method, "GET" | "HEAD" | "OPTIONS");
        let own = [
            ("cookie", self.cookies_for(path)),
            ("x-csrf-token", self.csrf.clone().filter(|_| !safe)),
            ("x-bianque-as", self.as_visit.then(|| "visit".to_owned())),
            ("authorization", self.bearer.as_ref().map(|token| format!("Bearer {token}"))),
            ("origin", (!safe).then(|| self.base.clone())),
        ];
        for (name, value) in own {
            if let Some(value) = value {
                builder = builder.header(name, value);
            }
        }
        builder
    }

    fn cookies_for(&self, path: &str) -> Option<String> {
        let path = path.split(['?', '#']).next().unwrap_or(path);
        let fitting: Vec<String> = self
            .cookies
            .iter()
            .filter(|cookie| below(path, &cookie.path))
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!fitting.is_empty()).then(|| fitting.join("; "))
    }

    fn keep(&mut self, path: &str, answer: &Answer) {
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let Some((cookie, over)) = read_cookie(line, path) else { continue };
            self.cookies.retain(|old| old.name != cookie.name || old.path != cookie.path);
            if !over {
                self.cookies.push(cookie);
            }
        }
        if let Ok(body) = serde_json::from_slice::<Value>(&answer.body) {
            let told = body["session"]["csrf"].as_str().or_else(|| body["csrf"].as_str());
            if let Some(csrf) = told {
                self.csrf = Some(csrf.to_owned());
            }
        }
    }
}

fn read(request: String, response: ureq::http::Response<Body>) -> Result<Answer, ureq::Error> {
    let (parts, mut body) = response.into_parts();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let body = body.with_config().limit(MAX_BODY_BYTES).read_to_vec()?;
    Ok(Answer { request, status: parts.status.as_u16(), headers, body })
}

/// RFC 6265, 5.1.4: a cookie is sent to its path and below.
fn below(path: &str, cookie_path: &str) -> bool {
    match path.strip_prefix(cookie_path) {
        Some(rest) => rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'),
        None => false,
    }
}

/// A `set-cookie` line, and whether it ends the cookie.
fn read_cookie(line: &str, path: &str) -> Option<(Cookie, bool)> {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let mut cookie = Cookie { name: name.to_owned(), value: value.to_owned(), path: folder.to_owned() };
    let mut over = false;
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key.to_ascii_lowercase().as_str() {
            "path" => value.clone_into(&mut cookie.path),
            "max-age" => over = value.parse().is_ok_and(|seconds: i64| seconds <= 0),
            _ => {}
        }
    }
    Some((cookie, over))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(cookie: &str, body: &str) -> Answer {
        Answer {
            request: "POST /api/session".into(),
            status: 200,
            headers: vec![("set-cookie".into(), cookie.into())],
            body: body.into(),
        }
    }

    #[test]
    fn a_cookie_goes_to_its_path_and_no_further() {
        let mut browser = Browser::new("http://127.0.0.1:1");
        let line = "bianque_visit=abc; Path=/api/visits/7; HttpOnly; SameSite=Strict";
        browser.keep("/api/visits/7/confirm", &answer(line, "{}"));
        assert_eq!(browser.cookies_for("/api/visits/7/me?as=visit").as_deref(), Some("bianque_visit=abc"));
        assert_eq!(browser.cookies_for("/api/visits/77/me"), None);
        assert_eq!(browser.cookies_for("/api/session"), None);
    }

    #[test]
    fn a_cookie_that_is_over_is_gone() {
        let mut browser = Browser::new("http://127.0.0.1:1");
        browser.keep("/api/session", &answer("bianque_session=abc; Path=/", "{}"));
        assert!(browser.cookie("bianque_session").is_some());
        browser.keep("/api/session", &answer("bianque_session=; Path=/; Max-Age=0", ""));
        assert!(browser.cookie("bianque_session").is_none());
    }

    #[test]
    fn the_csrf_value_is_learnt_from_session_and_confirmation() {
        let mut browser = Browser::new("http://127.0.0.1:1");
        browser.keep("/api/session", &answer("a=b", r#"{"session":{"csrf":"one"}}"#));
        assert_eq!(browser.csrf(), Some("one"));
        browser.keep("/api/visits/7/confirm", &answer("a=b", r#"{"csrf":"two","visit":{}}"#));
        assert_eq!(browser.csrf(), Some("two"));
    }
}
