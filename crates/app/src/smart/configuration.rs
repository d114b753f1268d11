//! Where everything is (SMART App Launch 2.2, "Conformance"; OpenID Connect Discovery 1.0).

use bianque_model::TenantId;
use serde_json::{Value, json};

use super::id_token;
use super::scopes::WORDS;
use crate::{App, Error};

/// The authorization endpoint.
pub fn authorize_url(app: &App, tenant: TenantId) -> String {
    format!("{}/oauth2/authorize", app.public_url(tenant))
}

/// The token endpoint.
pub fn token_url(app: &App, tenant: TenantId) -> String {
    format!("{}/oauth2/token", app.public_url(tenant))
}

/// `.well-known/smart-configuration`.
pub fn smart(app: &App, tenant: TenantId) -> Value {
    let mut configuration = shared(app, tenant);
    configuration["capabilities"] = json!([
        "launch-ehr",
        "launch-standalone",
        "client-public",
        "client-confidential-symmetric",
        "client-confidential-asymmetric",
        "sso-openid-connect",
        "context-banner",
        "context-ehr-patient",
        "context-ehr-encounter",
        "context-standalone-patient",
        "permission-offline",
        "permission-online",
        "permission-patient",
        "permission-user",
        "permission-v1",
        "permission-v2",
    ]);
    configuration
}

/// `.well-known/openid-configuration`.
pub fn openid(app: &App, tenant: TenantId) -> Value {
    let mut configuration = shared(app, tenant);
    configuration["subject_types_supported"] = json!(["public"]);
    configuration["id_token_signing_alg_values_supported"] = json!(["ES256"]);
    configuration["claims_supported"] = json!(["iss", "sub", "aud", "iat", "exp", "nonce", "fhirUser"]);
    configuration
}

/// The public keys of id tokens: one pair signs for every tenant, whose issuer says which.
pub fn keys(app: &App) -> Result<Value, Error> {
    id_token::key_set(app)
}

fn shared(app: &App, tenant: TenantId) -> Value {
    let public = app.public_url(tenant);
    let scopes = ["patient/*.rs", "user/*.rs", "system/*.cruds"];
    json!({
        "issuer": public,
        "jwks_uri": format!("{public}/oauth2/jwks"),
        "authorization_endpoint": authorize_url(app, tenant),
        "token_endpoint": token_url(app, tenant),
        "introspection_endpoint": format!("{public}/oauth2/introspect"),
        "revocation_endpoint": format!("{public}/oauth2/revoke"),
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported":
            ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "scopes_supported": WORDS.into_iter().chain(scopes).collect::<Vec<_>>(),
    })
}
