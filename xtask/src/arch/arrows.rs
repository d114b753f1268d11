//! The map itself: which crate may see which, and which libraries belong to one layer only.

/// The harness of the tests: a dev-dependency of whoever likes.
pub(super) const TESTKIT: &str = "bianque-testkit";

/// Arrows of tests alone: searches are held against the published expressions, which the product never evaluates, and what is
/// made of HL7 v2 against the validation of FHIR.
pub(super) const FOR_TESTS: &[(&str, &str)] =
    &[("bianque-app", "bianque-fhirpath"), ("bianque-mapping", "bianque-fhir")];

/// The crates that take time and randomness as arguments and hold no files and no sockets. They do not know each
/// other; those that search know the query algebra, and FHIR the language that its invariants are written in.
const PURE: &[&str] = &[
    "bianque-dimse",
    "bianque-dicom",
    "bianque-document",
    "bianque-fhir",
    "bianque-fhirpath",
    "bianque-hl7v2",
    "bianque-mapping",
    "bianque-media",
    "bianque-pixels",
    "bianque-quality",
    "bianque-recording",
    "bianque-model",
    "bianque-query",
];

/// Where a crate's arrows may end.
pub(super) enum Drawn {
    /// At these crates.
    To(&'static [&'static str]),
    /// Anywhere: tools that measure and drive the rest.
    Anywhere,
}

impl Drawn {
    /// Whether an arrow to this crate is drawn.
    pub(super) fn may_see(&self, name: &str) -> bool {
        match self {
            Self::To(names) => names.contains(&name),
            Self::Anywhere => true,
        }
    }
}

/// The arrows that start at a crate; none when the crate is on no map.
pub(super) fn from(name: &str) -> Option<Drawn> {
    let names: &[&str] = match name {
        "bianque-model" | "bianque-recording" | "bianque-fhirpath" | "bianque-hl7v2" | "bianque-dimse"
        | "bianque-pixels" => &[],
        "bianque-query" | "bianque-document" | "bianque-media" | "bianque-quality" | "bianque-blobs" => {
            &["bianque-model"]
        }
        "bianque-store" | "bianque-dicom" => &["bianque-model", "bianque-query"],
        "bianque-fhir" => &["bianque-model", "bianque-query", "bianque-fhirpath"],
        "bianque-mapping" => &["bianque-hl7v2"],
        "bianque-app" => &[
            "bianque-model",
            "bianque-query",
            "bianque-dicom",
            "bianque-document",
            "bianque-fhir",
            "bianque-hl7v2",
            "bianque-mapping",
            "bianque-media",
            "bianque-quality",
            "bianque-recording",
            "bianque-store",
            "bianque-blobs",
        ],
        "bianque-edge-out" => &["bianque-app"],
        "bianque-edge-mllp" => &["bianque-app", "bianque-hl7v2"],
        "bianque-edge-dimse" => &["bianque-app", "bianque-dimse"],
        "bianque-worker" | "bianque-edge-http" => &["bianque-app", "bianque-model"],
        "bianque-edge-media" => &["bianque-app", "bianque-model", "bianque-media"],
        "bianque" => &[
            "bianque-app",
            "bianque-model",
            "bianque-store",
            "bianque-blobs",
            "bianque-worker",
            "bianque-edge-http",
            "bianque-edge-media",
            "bianque-edge-mllp",
            "bianque-edge-dimse",
            "bianque-edge-out",
            "bianque-hl7v2",
            "bianque-pixels",
        ],
        TESTKIT | "bianque-bench" | "bianque-crash" | "xtask" => return Some(Drawn::Anywhere),
        _ => return None,
    };
    Some(Drawn::To(names))
}

/// Why a library may not be a dependency of this crate, when it may not.
pub(super) fn refusal(name: &str, library: &str) -> Option<&'static str> {
    if matches!(from(name), Some(Drawn::Anywhere) | None) {
        return None;
    }
    let only = |homes: &[&str], reason| (!homes.contains(&name)).then_some(reason);
    match library {
        "rusqlite" | "libsqlite3-sys" | "tokio-postgres" | "sqlx" => {
            only(&["bianque-store"], "SQL lives in bianque-store")
        }
        "hyper" | "hyper-util" | "http-body-util" => {
            only(&["bianque-edge-http", "bianque-edge-out", "bianque"], "HTTP lives in the edges")
        }
        "axum" | "tower-http" | "tower" => {
            only(&["bianque-edge-http", "bianque"], "HTTP lives in bianque-edge-http")
        }
        "str0m" => only(&["bianque-media", "bianque-edge-media"], "WebRTC lives in bianque-media"),
        "krilla" => only(&["bianque-document"], "PDF lives in bianque-document"),
        "reqwest" | "ureq" => Some("the server calls out through bianque-edge-out only"),
        "tokio" | "mio" | "socket2" | "rustix" | "tempfile" | "rand" | "getrandom"
            if PURE.contains(&name) =>
        {
            Some("a pure crate does no IO and reads no clock and no randomness")
        }
        "openssl" | "native-tls" | "ring" => Some("the one provider of cryptography is aws-lc-rs"),
        _ => None,
    }
}
