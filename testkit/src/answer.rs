//! What the server answered, with words for what a test expects of it.
#![expect(clippy::panic, reason = "an expectation that is not met fails the test that holds it")]

use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The request it answers, for messages: `GET /api/session`.
    pub request: String,
    /// The status.
    pub status: u16,
    /// The headers in the order they came, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer itself when its status is this one.
    ///
    /// # Panics
    /// With the request and the body, when the status is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert!(
            self.status == status,
            "{}: {} instead of {status}: {}",
            self.request,
            self.status,
            self.text()
        );
        self
    }

    /// The answer itself when it is an error with this status and this `error.code`.
    ///
    /// # Panics
    /// With the request and the body, when it is anything else.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        let found = answer.json()["error"]["code"].clone();
        assert!(found == code, "{}: {found} instead of {code:?}: {}", answer.request, answer.text());
        answer
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// With the request and the body, when it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{}: {error} in {:?}", self.request, self.text()),
        }
    }

    /// The body as text, for messages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first header of this name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}
