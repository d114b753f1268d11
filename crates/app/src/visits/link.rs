//! Links into a visit: signed, for one visit and one person, replaceable.
//!
//! A token is `kind(1) visit(16) generation(4) invitation(16, not the patient's) tag(16)`, base64url. The tag is an
//! HMAC-SHA-256 cut to 128 bits. When it ends is the visit's to say, so that signing a plan can prolong it. The server
//! keeps no token: only who holds one is kept, by the tag of a cookie.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bianque_model::{ResourceId, TenantId};
use uuid::Uuid;

use super::guests::Guest;
use super::visit::Invitation;
use super::{Visit, join};
use crate::{App, Error, ErrorKind, Secrets};

const TAG: usize = 16;
const PATIENT: u8 = 1;
const CONSULTANT: u8 = 2;
const GUEST: u8 = 3;

/// A token that this server made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The visit it leads to.
    pub visit: ResourceId,
    /// Links of another generation are over.
    pub generation: u32,
    /// For whom it was made.
    pub whose: Whose,
}

/// For whom a link was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// The patient.
    Patient,
    /// Who was asked for an opinion, by this invitation.
    Consultant(ResourceId),
    /// A guest, by this invitation.
    Guest(ResourceId),
}

impl Whose {
    /// The kind that the token says, and the invitation.
    fn parts(&self) -> (u8, Option<&ResourceId>) {
        match self {
            Self::Patient => (PATIENT, None),
            Self::Consultant(invitation) => (CONSULTANT, Some(invitation)),
            Self::Guest(guest) => (GUEST, Some(guest)),
        }
    }
}

impl Link {
    /// The token's text.
    pub fn sign(&self, secrets: &Secrets) -> Result<String, Error> {
        let (kind, invitation) = self.whose.parts();
        let mut bytes = vec![kind];
        bytes.extend_from_slice(uuid_of(&self.visit)?.as_bytes());
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        if let Some(invitation) = invitation {
            bytes.extend_from_slice(uuid_of(invitation)?.as_bytes());
        }
        let tag = secrets.tag(join::LINK_PURPOSE, &bytes);
        bytes.extend_from_slice(&tag[..TAG]);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads a token; a forged or damaged one is unknown.
    pub fn verify(secrets: &Secrets, text: &str) -> Result<Self, Error> {
        let unknown = || Error::new(ErrorKind::NotFound, "join.unknown", "this link is not one of ours");
        if text.len() > 128 {
            return Err(unknown());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| unknown())?;
        let (signed, tag) = bytes.split_at_checked(bytes.len().saturating_sub(TAG)).ok_or_else(unknown)?;
        let expected = secrets.tag(join::LINK_PURPOSE, signed);
        if !bool::from(subtle::ConstantTimeEq::ct_eq(&expected[..TAG], tag)) {
            return Err(unknown());
        }
        Self::read(signed).ok_or_else(unknown)
    }

    fn read(signed: &[u8]) -> Option<Self> {
        let (&kind, rest) = signed.split_first()?;
        let (visit, rest) = rest.split_at_checked(16)?;
        let (generation, rest) = rest.split_at_checked(4)?;
        let whose = match (kind, rest.len()) {
            (PATIENT, 0) => Whose::Patient,
            (CONSULTANT, 16) => Whose::Consultant(Uuid::from_slice(rest).ok()?.into()),
            (GUEST, 16) => Whose::Guest(Uuid::from_slice(rest).ok()?.into()),
            _ => return None,
        };
        let generation = u32::from_be_bytes(generation.try_into().ok()?);
        Some(Self { visit: Uuid::from_slice(visit).ok()?.into(), generation, whose })
    }
}

/// What the patient of a visit opens.
pub fn patient_url(app: &App, tenant: TenantId, visit: &Visit) -> String {
    let generation = visit.join.generation;
    url(app, tenant, &Link { visit: visit.id.clone(), generation, whose: Whose::Patient })
}

/// What an invited consultant opens.
pub fn consultant_url(app: &App, tenant: TenantId, visit: &Visit, invitation: &Invitation) -> String {
    let (generation, whose) = (invitation.join.generation, Whose::Consultant(invitation.id.clone()));
    url(app, tenant, &Link { visit: visit.id.clone(), generation, whose })
}

/// What a guest opens.
pub fn guest_url(app: &App, tenant: TenantId, visit: &Visit, guest: &Guest) -> String {
    let (generation, whose) = (guest.join.generation, Whose::Guest(guest.id.clone()));
    url(app, tenant, &Link { visit: visit.id.clone(), generation, whose })
}

fn url(app: &App, tenant: TenantId, link: &Link) -> String {
    // Ids of visits are UUIDs that this program drew, so signing cannot fail; an empty token would only be unknown.
    format!("{}/j/{}", app.public_url(tenant), link.sign(&app.secrets).unwrap_or_default())
}

fn uuid_of(id: &ResourceId) -> Result<Uuid, Error> {
    Uuid::try_parse(id.as_str()).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> (tempfile::TempDir, Secrets) {
        let folder = tempfile::tempdir().unwrap();
        let master = bianque_blobs::MasterKey::make(&folder.path().join("master.key")).unwrap();
        let secrets = Secrets::open(folder.path(), &master.into()).unwrap();
        (folder, secrets)
    }

    #[test]
    fn a_link_comes_back_and_a_changed_one_is_unknown() {
        let (_folder, secrets) = secrets();
        let id = || Uuid::from_u128(7).into();
        for whose in [Whose::Patient, Whose::Consultant(id()), Whose::Guest(id())] {
            let link = Link { visit: Uuid::from_u128(1).into(), generation: 3, whose };
            let text = link.sign(&secrets).unwrap();
            assert_eq!(Link::verify(&secrets, &text).unwrap(), link);
            for place in 0..text.len() {
                let mut bytes = text.clone().into_bytes();
                bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
                let changed = String::from_utf8(bytes).unwrap();
                if URL_SAFE_NO_PAD.decode(&changed).is_ok() {
                    assert_eq!(Link::verify(&secrets, &changed).unwrap_err().code, "join.unknown");
                }
            }
        }
        for bad in ["", "a", "....", &"A".repeat(500)] {
            assert_eq!(Link::verify(&secrets, bad).unwrap_err().code, "join.unknown");
        }
    }

    #[test]
    fn another_installation_does_not_know_it() {
        let (_a, ours) = secrets();
        let (_b, theirs) = secrets();
        let link = Link { visit: Uuid::from_u128(1).into(), generation: 1, whose: Whose::Patient };
        assert!(Link::verify(&theirs, &link.sign(&ours).unwrap()).is_err());
    }
}
