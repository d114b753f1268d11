//! A device that keeps one passkey, for tests: P-256, no attestation, always the same answer to the same question.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Assertion, Registration};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const KEY_ATTACHED: u8 = 0x40;

/// A device of somebody.
pub(crate) struct SoftKey {
    pair: EcdsaKeyPair,
    id: [u8; 16],
    owner: Vec<u8>,
    /// The page that it believes to be on.
    pub(crate) origin: String,
    /// The name that it binds to.
    pub(crate) party: String,
    /// Whether it asks its owner for a finger or a PIN.
    pub(crate) verifies: bool,
    /// Uses so far; 0 throughout for a key that does not count.
    pub(crate) count: u32,
}

impl SoftKey {
    /// A fresh device at the address of a test clinic.
    pub(crate) fn new() -> Self {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new()).unwrap();
        Self {
            pair: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref()).unwrap(),
            id: crate::secrets::random_bytes().unwrap(),
            owner: Vec::new(),
            origin: "https://clinic.example".into(),
            party: "clinic.example".into(),
            verifies: true,
            count: 0,
        }
    }

    /// Makes a credential for what `begin` answered.
    pub(crate) fn register(&mut self, begun: &Value, name: &str) -> Registration {
        let options = &begun["options"];
        self.owner = URL_SAFE_NO_PAD.decode(options["user"]["id"].as_str().unwrap()).unwrap();
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.authenticator_data(KEY_ATTACHED);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(self.id);
        data.extend(self.public_key());
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x59");
        object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend(data);
        let credential = json!({
            "id": URL_SAFE_NO_PAD.encode(self.id), "rawId": URL_SAFE_NO_PAD.encode(self.id), "type": "public-key",
            "response": {
                "attestationObject": URL_SAFE_NO_PAD.encode(object),
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data), "transports": ["internal"],
            },
            "clientExtensionResults": {"credProps": {"rk": true}},
        });
        let registration =
            json!({"challenge_id": begun["challenge_id"], "name": name, "credential": credential});
        serde_json::from_value(registration).unwrap()
    }

    /// Signs a challenge.
    pub(crate) fn assert(&mut self, begun: &Value) -> Assertion {
        let client_data = self.client_data("webauthn.get", &begun["options"]);
        let data = self.authenticator_data(0);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(&client_data));
        let signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap();
        let credential = json!({
            "id": URL_SAFE_NO_PAD.encode(self.id), "rawId": URL_SAFE_NO_PAD.encode(self.id), "type": "public-key",
            "response": {
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()),
                "userHandle": URL_SAFE_NO_PAD.encode(&self.owner),
            },
            "clientExtensionResults": {},
        });
        serde_json::from_value(json!({"challenge_id": begun["challenge_id"], "credential": credential}))
            .unwrap()
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.party.as_bytes()).to_vec();
        data.push(flags | PRESENT | if self.verifies { VERIFIED } else { 0 });
        data.extend(self.count.to_be_bytes());
        data
    }

    /// As COSE writes it: EC2, ES256, P-256, x, y.
    fn public_key(&self) -> Vec<u8> {
        let point = self.pair.public_key().as_ref();
        let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        key.extend(&point[1..33]);
        key.extend([0x22, 0x58, 0x20]);
        key.extend(&point[33..65]);
        key
    }
}
