//! A photo that a clinician of the demo sends into a visit.

use bianque_testkit::{Browser, Server};
use serde_json::{Value, json};
use sha2::Digest;

/// A small picture, PNG.
fn pixel() -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = image::RgbImage::from_pixel(8, 8, image::Rgb([9, 90, 200]));
    picture.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    bytes
}

/// Sends a photo into a visit of the demo; gives the address of its original.
pub(crate) fn send(server: &Server, key: &str) -> String {
    send_picture(server, key, &pixel(), "image/png")
}

/// Sends these bytes.
pub(crate) fn send_picture(server: &Server, key: &str, bytes: &[u8], content_type: &str) -> String {
    let (mut clinician, visit) = someone_with_a_visit(server);
    let digest: [u8; 32] = sha2::Sha256::digest(bytes).into();
    let sha256 = blake3::Hash::from_bytes(digest).to_hex();
    let announced = json!({"size": bytes.len(), "sha256": sha256.as_str(), "content_type": content_type,
        "body_site": "skin", "side": "none", "name": "a.png"});
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let body = announced.to_string();
    let begun = clinician
        .send("POST", &format!("{visit}/uploads"), &headers, Some(body.as_bytes()))
        .expect(201)
        .json();
    let upload = format!("{visit}/uploads/{}", begun["upload"]["id"].as_str().unwrap());
    let photo = clinician.send("PATCH", &upload, &[("upload-offset", "0")], Some(bytes)).expect(200).json();
    format!("{visit}/photos/{}/original", photo["photo"]["id"].as_str().unwrap())
}

/// A clinician of the demo who has a visit to come, and its address.
pub(crate) fn someone_with_a_visit(server: &Server) -> (Browser, String) {
    let people = server.browser().get("/api/demo/people").expect(200).json();
    for person in people["people"].as_array().unwrap().iter().filter(|person| person["role"] == "clinician") {
        let mut clinician = server.browser();
        clinician.post("/api/demo/sign-in", &json!({"key": person["key"]})).expect(200);
        let day = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let visits = clinician.get(&format!("/api/visits?day={day}&zone=UTC")).expect(200).json();
        let open =
            |visit: &&Value| ["planned", "arrived"].contains(&visit["state"].as_str().unwrap_or_default());
        if let Some(visit) = visits["visits"].as_array().unwrap().iter().find(open) {
            return (clinician, format!("/api/visits/{}", visit["id"].as_str().unwrap()));
        }
    }
    unreachable!("the demo's day has visits to come")
}
