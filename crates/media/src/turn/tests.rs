//! A client as browsers are, its messages written byte by byte, against the machine of its connection.

use std::sync::Arc;
use std::time::Instant;

use md5::{Digest as _, Md5};

use super::message::{Hmac, REALM};
use super::*;

const NOW_S: u64 = 1_800_000_000;
const OURS: &str = "192.0.2.1:10000";
const OURS_SIX: &str = "[2001:db8::1]:10000";
const OURS_TOO: &str = "192.0.2.2:10000";
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

const ALLOCATE: u16 = 0x003;
const REFRESH: u16 = 0x004;
const SEND: u16 = 0x016;
const CREATE_PERMISSION: u16 = 0x008;
const CHANNEL_BIND: u16 = 0x009;

type Attributes = Vec<(u16, Vec<u8>)>;

struct Client {
    turn: Turn,
    credential: Credential,
    nonce: &'static str,
    now: Instant,
    admit: bool,
}

fn secret() -> TurnSecret {
    TurnSecret::new([7; 32])
}

fn client() -> Client {
    client_with(secret().issue("visit", NOW_S + 60))
}

fn client_with(credential: Credential) -> Client {
    client_of(&[OURS, OURS_SIX], credential)
}

/// A client of a server with these candidates.
fn client_of(candidates: &[&str], credential: Credential) -> Client {
    let peers = candidates.iter().map(|candidate| address(candidate)).collect();
    let server = Arc::new(TurnServer::new(secret(), peers));
    let turn = Turn::new(server, address("198.51.100.7:4000"), 5, "n0nce".to_owned());
    Client { turn, credential, nonce: "n0nce", now: Instant::now(), admit: true }
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// XOR-PEER-ADDRESS with a transaction of zeros (RFC 8489, section 14.2).
fn peer(text: &str) -> (u16, Vec<u8>) {
    let address = address(text);
    let mask = [&COOKIE[..], &[0; 12]].concat();
    let (family, ip) = match address.ip() {
        IpAddr::V4(four) => (1, four.octets().to_vec()),
        IpAddr::V6(six) => (2, six.octets().to_vec()),
    };
    let port = (address.port() ^ 0x2112).to_be_bytes();
    let ip = ip.iter().zip(mask).map(|(byte, mask)| byte ^ mask);
    (0x0012, [0, family, port[0], port[1]].into_iter().chain(ip).collect())
}

fn udp() -> (u16, Vec<u8>) {
    (0x0019, vec![17, 0, 0, 0])
}

fn channel(number: u16) -> (u16, Vec<u8>) {
    (0x000c, [number.to_be_bytes(), [0, 0]].concat())
}

fn message(kind: u16, attributes: &Attributes, key: Option<&[u8]>) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, value) in attributes {
        body.extend(kind.to_be_bytes());
        body.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        body.extend(value);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let signed = if key.is_some() { 24 } else { 0 };
    let length = u16::try_from(body.len() + signed).unwrap().to_be_bytes();
    let mut bytes = [&kind.to_be_bytes()[..], &length, &COOKIE, &[0; 12], &body].concat();
    if let Some(key) = key {
        let tag = Hmac::default().of(key, &[&bytes]);
        bytes.extend([0, 8, 0, 20]);
        bytes.extend(tag);
    }
    bytes
}

impl Client {
    fn key(&self) -> [u8; 16] {
        Md5::digest(format!("{}:{REALM}:{}", self.credential.username, self.credential.password)).into()
    }

    fn handle<'a>(&mut self, frame: &'a [u8]) -> Step<'a> {
        let admit = self.admit;
        self.turn.handle(self.now, NOW_S, frame, &mut |_| admit).unwrap()
    }

    /// The code of the error that an allocation of this family (RFC 8656, section 18.6) is answered with, 0 for success, and
    /// the relayed address.
    fn allocate(&mut self, family: Option<u8>) -> (u16, Option<SocketAddr>) {
        let family = family.map(|family| (0x0017, vec![family, 0, 0, 0]));
        self.request(ALLOCATE, [udp()].into_iter().chain(family).collect())
    }

    /// The code of the error that a signed request is answered with, 0 for success, and the address in it.
    fn request(&mut self, kind: u16, mut attributes: Attributes) -> (u16, Option<SocketAddr>) {
        attributes.push((0x0006, self.credential.username.clone().into_bytes()));
        attributes.push((0x0014, REALM.into()));
        attributes.push((0x0015, self.nonce.into()));
        let key = self.key();
        let frame = message(kind, &attributes, Some(&key));
        let (Step::Reply(reply) | Step::Refuse(reply)) = self.handle(&frame) else { panic!("an answer") };
        let reply = StunMessage::parse(&reply).unwrap();
        let code = reply.error_code().map_or(0, |(code, _)| code);
        if code != 401 && code != 438 {
            assert!(
                reply.verify(&key, |key, payloads| Hmac::default().of(key, payloads)),
                "answers are signed"
            );
        }
        (code, reply.xor_relayed_address())
    }

    fn allocated(mut self) -> Self {
        assert_eq!(self.request(ALLOCATE, vec![udp()]).0, 0);
        self
    }
}

#[test]
fn a_client_is_challenged_allocates_and_speaks_with_us_over_a_channel() {
    let mut client = client();
    let bare = message(ALLOCATE, &vec![udp()], None);
    let Step::Reply(reply) = client.handle(&bare) else { panic!("a challenge") };
    let reply = StunMessage::parse(&reply).unwrap();
    assert_eq!(
        (reply.error_code().map(|e| e.0), reply.realm(), reply.nonce()),
        (Some(401), Some(REALM), Some("n0nce"))
    );
    let (code, relayed) = client.request(ALLOCATE, vec![udp()]);
    assert_eq!((code, relayed), (0, client.turn.remote().map(|remote| remote.address)));
    assert_eq!(
        (client.turn.remote().unwrap().transport, client.turn.scope()),
        (Transport::Relay, Some("visit"))
    );

    assert_eq!(client.turn.wrap(b"too early"), None);
    assert_eq!(client.request(CREATE_PERMISSION, vec![peer(OURS)]).0, 0);
    let wrapped = client.turn.wrap(b"hello").unwrap();
    assert_eq!(StunMessage::parse(&wrapped).unwrap().data(), Some(&b"hello"[..]));
    let send = message(SEND, &vec![peer(OURS), (0x0013, b"hello!!".to_vec())], None);
    assert_eq!(client.handle(&send), Step::Datagram(b"hello!!"));

    assert_eq!(client.request(CHANNEL_BIND, vec![channel(0x4001), peer(OURS)]).0, 0);
    assert_eq!(client.handle(&[0x40, 1, 0, 3, 1, 2, 3, 0]), Step::Datagram(&[1, 2, 3]));
    assert_eq!(client.turn.wrap(&[9, 8, 7, 6, 5]).unwrap(), [0x40, 1, 0, 5, 9, 8, 7, 6, 5, 0, 0, 0]);
}

#[test]
fn any_peer_but_our_own_media_core_is_refused() {
    let others = [
        "192.0.2.1:22",
        "127.0.0.1:10000",
        "10.0.0.1:80",
        "169.254.169.254:80",
        "[::1]:10000",
        "[::ffff:127.0.0.1]:10000",
        // Ours, written as another address: not ours.
        "[::ffff:192.0.2.1]:10000",
        "240.0.0.1:49152",
    ];
    for other in others {
        let mut client = client().allocated();
        let permission = client.request(CREATE_PERMISSION, vec![peer(other)]).0;
        assert!(permission == 403 || other == "192.0.2.1:22", "{other}: {permission}");
        assert_eq!(client.request(CHANNEL_BIND, vec![channel(0x4000), peer(other)]).0, 403, "{other}");
        let send = message(SEND, &vec![peer(other), (0x0013, b"GET / ".to_vec())], None);
        assert_eq!(client.handle(&send), Step::Nothing, "{other}");
        assert_eq!(client.handle(&[0x40, 0, 0, 1, 1, 0, 0, 0]), Step::Nothing, "{other}");
    }
}

#[test]
fn wrong_expired_and_foreign_credentials_are_refused_and_the_connection_closed_after_a_few() {
    let good = secret().issue("visit", NOW_S + 60);
    let wrong = Credential { password: "guess".to_owned(), ..good.clone() };
    let expired = secret().issue("visit", NOW_S);
    let foreign = TurnSecret::new([8; 32]).issue("visit", NOW_S + 60);
    let longer = Credential { username: format!("{}:visit", NOW_S + 6_000), ..good.clone() };
    let other = Credential { username: format!("{}:another", NOW_S + 60), ..good };
    let nameless = Credential { username: "visit".to_owned(), password: String::new() };
    for credential in [wrong, expired, foreign, longer, other, nameless] {
        let mut client = client_with(credential.clone());
        let codes: Vec<u16> = (0..3).map(|_| client.request(ALLOCATE, vec![udp()]).0).collect();
        assert_eq!(codes, [401; 3], "{credential:?}");
        assert_eq!(client.turn.remote(), None);
        let username = (0x0006, credential.username.into_bytes());
        let last = message(ALLOCATE, &vec![username, (0x0015, "n0nce".into())], Some(b"guess"));
        assert!(matches!(client.handle(&last), Step::Refuse(_)));
    }
}

#[test]
fn what_was_signed_for_another_connection_is_stale() {
    let mut client = client();
    client.nonce = "another";
    assert_eq!(client.request(ALLOCATE, vec![udp()]).0, 438);
}

#[test]
fn nothing_is_done_before_an_allocation_or_for_another_user() {
    let mut client = client();
    assert_eq!(client.request(CREATE_PERMISSION, vec![peer(OURS)]).0, 437);
    assert_eq!(client.request(CHANNEL_BIND, vec![channel(0x4000), peer(OURS)]).0, 437);
    assert_eq!(client.request(REFRESH, vec![]).0, 437);
    let mut client = client.allocated();
    assert_eq!(client.request(ALLOCATE, vec![udp()]).0, 437);
    client.credential = secret().issue("another", NOW_S + 60);
    assert_eq!(client.request(CREATE_PERMISSION, vec![peer(OURS)]).0, 441);
}

#[test]
fn what_is_not_there_is_said_so() {
    assert_eq!(client().request(ALLOCATE, vec![]).0, 442);
    assert_eq!(client().allocate(Some(3)).0, 440);
    let mut full = client();
    full.admit = false;
    assert_eq!(full.request(ALLOCATE, vec![udp()]).0, 486);
    assert_eq!(client().allocated().request(CHANNEL_BIND, vec![peer(OURS)]).0, 400);
}

#[test]
fn an_allocation_ends_unless_it_is_refreshed_and_can_be_given_back() {
    let mut client = client().allocated();
    let first = client.turn.ends().unwrap();
    client.now += Duration::from_mins(5);
    assert_eq!(client.request(REFRESH, vec![]).0, 0);
    assert_eq!(client.turn.ends().unwrap() - first, Duration::from_mins(5));
    assert_eq!(client.request(REFRESH, vec![(0x000d, vec![0; 4])]).0, 0);
    assert_eq!(client.turn.remote(), None);
}

#[test]
fn a_channel_stays_with_its_peer() {
    let mut client = client_of(&[OURS, OURS_TOO], secret().issue("visit", NOW_S + 60)).allocated();
    let bind =
        |client: &mut Client, number, to| client.request(CHANNEL_BIND, vec![channel(number), peer(to)]).0;
    assert_eq!(bind(&mut client, 0x4000, OURS), 0);
    assert_eq!(bind(&mut client, 0x4000, OURS), 0);
    assert_eq!(bind(&mut client, 0x4000, OURS_TOO), 400);
    assert_eq!(bind(&mut client, 0x4001, OURS), 400);
    assert_eq!(bind(&mut client, 0x4001, OURS_TOO), 0);
}

#[test]
fn an_allocation_is_of_a_family_in_which_we_can_be_reached() {
    const FOUR: Option<u8> = Some(1);
    const SIX: Option<u8> = Some(2);
    let credential = || secret().issue("visit", NOW_S + 60);
    let allocated = |ours: &[&str], family| {
        let (code, relayed) = client_of(ours, credential()).allocate(family);
        relayed.map(|relayed| relayed.is_ipv6()).ok_or(code)
    };
    for (ours, [any, four, six]) in [
        (&[OURS, OURS_SIX][..], [Ok(false), Ok(false), Ok(true)]),
        (&[OURS_SIX, OURS][..], [Ok(false), Ok(false), Ok(true)]),
        (&[OURS][..], [Ok(false), Ok(false), Err(440)]),
        (&[OURS_SIX][..], [Ok(true), Err(440), Ok(true)]),
    ] {
        assert_eq!(
            [allocated(ours, None), allocated(ours, FOUR), allocated(ours, SIX)],
            [any, four, six],
            "{ours:?}"
        );
    }
}

#[test]
fn an_allocation_speaks_with_our_candidate_of_its_family() {
    for (family, same, other) in [(1, OURS, OURS_SIX), (2, OURS_SIX, OURS)] {
        let mut client = client();
        assert_eq!(client.allocate(Some(family)).0, 0);
        assert_eq!(client.request(CREATE_PERMISSION, vec![peer(other)]).0, 443);
        assert_eq!(client.request(CHANNEL_BIND, vec![channel(0x4000), peer(other)]).0, 443);
        let send = |to| message(SEND, &vec![peer(to), (0x0013, b"hello!!!".to_vec())], None);
        assert_eq!(client.handle(&send(other)), Step::Nothing);
        assert_eq!(client.turn.wrap(b"not allowed yet"), None);

        assert_eq!(client.request(CREATE_PERMISSION, vec![peer(same)]).0, 0);
        assert_eq!(client.handle(&send(same)), Step::Datagram(b"hello!!!"));
        let wrapped = client.turn.wrap(b"hello").unwrap();
        let indication = StunMessage::parse(&wrapped).unwrap();
        assert_eq!(indication.xor_peer_address(), Some(address(same)), "it comes from where it was sent to");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_comes_nothing_panics_and_nothing_reaches_us_without_an_allocation(
        frame in proptest::collection::vec(proptest::num::u8::ANY, 0..200),
        stun in proptest::bool::ANY,
    ) {
        let mut frame = frame;
        if stun && frame.len() >= 20 {
            let length = u16::try_from((frame.len() - 20) & !3).unwrap();
            frame.truncate(20 + usize::from(length));
            frame[0] = 0;
            frame[2..4].copy_from_slice(&length.to_be_bytes());
            frame[4..8].copy_from_slice(&COOKIE);
        }
        let mut client = client();
        let step = client.turn.handle(client.now, NOW_S, &frame, &mut |_| true);
        proptest::prop_assert!(!matches!(step, Ok(Step::Datagram(_))));
    }
}
