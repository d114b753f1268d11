//! The signature itself: a hash over the resources' bytes, an ES256 JWS over it, a Provenance that keeps it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bianque_model::{Context, ResourceId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::document::reference;
use crate::people::display_name;
use crate::secrets::hex;
use crate::visits::visit::Signature;
use crate::{App, Error, instant};

/// Author's signature (ASTM E1762, as FHIR names signature types).
const AUTHOR_SIGNATURE: &str = "1.2.840.10065.1.12.1.1";

/// Who signs.
#[derive(Debug, Clone)]
pub(crate) struct Signer {
    /// Their Practitioner.
    pub practitioner: ResourceId,
    /// Their name.
    pub name: String,
    /// Their Organization.
    pub organization: ResourceId,
    /// Its name.
    pub organization_name: String,
}

impl Signer {
    /// The clinician who is signed in.
    pub(crate) async fn of(app: &App, context: &Context) -> Result<Self, Error> {
        let practitioner = super::signer_of(context)?.clone();
        let organization = crate::policy::clinician(context)?.organization.clone();
        let person = app.resource(context.tenant, "Practitioner", &practitioner).await?.value;
        let home = app.resource(context.tenant, "Organization", &organization).await?.value;
        Ok(Self {
            practitioner,
            name: display_name(&person),
            organization,
            organization_name: display_name(&home),
        })
    }
}

/// A signature with the Provenance that keeps it.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// For the visit and the printed plan.
    pub signature: Signature,
    /// For the record.
    pub provenance: Value,
}

/// Signs resources in their order. The hash is SHA-256 over the stored bytes of each, one after the other with a line
/// feed behind each; the JWS names every resource with a hash of its own, so that each can be verified alone.
pub(crate) fn seal(
    app: &App,
    context: &Context,
    signer: &Signer,
    resources: &[Value],
) -> Result<Sealed, Error> {
    let mut whole = Sha256::new();
    let mut targets = Vec::with_capacity(resources.len());
    for resource in resources {
        let bytes = bianque_fhir::to_stored(resource);
        whole.update(&bytes);
        whole.update(b"\n");
        targets.push(json!({"reference": reference(resource), "sha256": hex(&Sha256::digest(&bytes))}));
    }
    let hash = hex(&whole.finalize());
    let claims = json!({
        "iss": app.public_url(context.tenant),
        "sub": format!("Practitioner/{}", signer.practitioner),
        "name": signer.name,
        "iat": context.now.0 / 1_000_000,
        "sha256": hash,
        "targets": targets,
    });
    let key = EncodingKey::from_ec_der(&app.secrets.signing);
    let jws = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &key).map_err(Error::internal)?;
    let provenance = provenance(context, signer, resources, &jws);
    let signature = Signature {
        practitioner: signer.practitioner.clone(),
        by: signer.name.clone(),
        organization: signer.organization_name.clone(),
        at: context.now,
        hash,
        jws,
    };
    Ok(Sealed { signature, provenance })
}

fn provenance(context: &Context, signer: &Signer, resources: &[Value], jws: &str) -> Value {
    let who = json!({"reference": format!("Practitioner/{}", signer.practitioner), "display": signer.name});
    let targets: Vec<Value> = resources.iter().map(|one| json!({"reference": reference(one)})).collect();
    json!({
        "resourceType": "Provenance",
        "id": Uuid::now_v7(),
        "target": targets,
        "recorded": instant::text(context.now),
        "activity": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation", "code": "CREATE",
        }]},
        "agent": [{
            "type": {"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": "author",
            }]},
            "who": who,
            "onBehalfOf": {"reference": format!("Organization/{}", signer.organization)},
        }],
        "signature": [{
            "type": [{"system": "urn:iso-astm:E1762-95:2013", "code": AUTHOR_SIGNATURE}],
            "when": instant::text(context.now),
            "who": who,
            "targetFormat": "application/fhir+json",
            "sigFormat": "application/jose",
            "data": STANDARD.encode(jws),
        }],
    })
}
