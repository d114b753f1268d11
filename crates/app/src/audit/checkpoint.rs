//! Checkpoints: where a chain stood, signed. Kept outside the database, they show that a whole file was put back.

use bianque_model::{TenantId, Timestamp};
use bianque_store::Chain;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::secrets::hex;
use crate::{App, Error, ErrorKind};

/// What makes a signature of the installation one of a checkpoint and nothing else.
const TYPE: &str = "bianque-audit+jwt";

/// Where a chain stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The chain.
    pub chain: Chain,
    /// Rows it had.
    pub count: u64,
    /// The link of the last of them, in hexadecimal.
    pub link: String,
    /// When, in microseconds since 1970.
    pub at: i64,
}

/// Checkpoints of both chains as they stand now.
pub async fn take(app: &App) -> Result<Vec<Checkpoint>, Error> {
    let Timestamp(at) = app.clock.now();
    let mut taken = Vec::with_capacity(Chain::ALL.len());
    for chain in Chain::ALL {
        let head = app.store.audit_head(chain).await?;
        taken.push(Checkpoint { chain, count: head.count, link: hex(&head.link), at });
    }
    Ok(taken)
}

impl Checkpoint {
    /// One line of text: a compact JWS (RFC 7515) under ES256.
    pub fn sign(&self, app: &App) -> Result<String, Error> {
        let header = Header { typ: Some(TYPE.into()), ..Header::new(Algorithm::ES256) };
        let key = EncodingKey::from_ec_der(&app.secrets.signing);
        jsonwebtoken::encode(&header, self, &key).map_err(Error::internal)
    }

    /// Reads a line that [`Checkpoint::sign`] wrote with the key of this installation.
    pub fn read(app: &App, line: &str) -> Result<Self, Error> {
        let refused =
            || Error::new(ErrorKind::Malformed, "audit.checkpoint", "a checkpoint is not of this server");
        let mut validation = Validation::new(Algorithm::ES256);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        let key = DecodingKey::from_ec_der(&app.secrets.verifying().map_err(Error::internal)?);
        let token = jsonwebtoken::decode::<Self>(line.trim(), &key, &validation).map_err(|_| refused())?;
        if token.header.typ.as_deref() == Some(TYPE) { Ok(token.claims) } else { Err(refused()) }
    }
}

/// The tenant in whose name the server acts on the audit.
pub(crate) const TENANT: TenantId = TenantId::FIRST;
