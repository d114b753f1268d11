//! The sub-items of user information (PS3.7 annex D.3.3). Those that `dicom-ul` hands on unread are read here.

use dicom_ul::pdu::{RequestorRoles, UserIdentity as Identity, UserIdentityType, UserVariableItem as Item};

use super::associate::Unfit;
use crate::{
    CommonExtended, Credential, ExtendedNegotiation, Implementation, RoleSelection, Uid, UserIdentity,
    UserInformation, Window,
};

/// Asynchronous operations window.
const WINDOW: u8 = 0x53;
/// SOP class common extended negotiation.
const COMMON: u8 = 0x57;
/// The answer to a user identity.
const IDENTITY_RESPONSE: u8 = 0x59;
/// The least that a peer may take of a P-DATA-TF: a fragment's header and two bytes.
const LEAST_PDU: u32 = 8;

/// Reads the sub-items of either direction. What is not known is passed over, as the standard wishes.
pub(super) fn read(items: Vec<Item>) -> Result<UserInformation, Unfit> {
    let mut user = UserInformation::new(0, Implementation { class: None, version: None });
    for item in items {
        match item {
            Item::MaxLength(length) => user.max_pdu = length,
            Item::ImplementationClassUID(text) => {
                user.implementation.class = Uid::read(text.as_bytes()).ok();
            }
            Item::ImplementationVersionName(text) => {
                user.implementation.version = Some(text.trim_end_matches(['\0', ' ']).to_owned());
            }
            Item::SopClassExtendedNegotiationSubItem(text, information) => {
                user.extended.push(ExtendedNegotiation { sop_class: uid(text.as_bytes())?, information });
            }
            Item::ScuScpRoleSelectionSubItem(text, RequestorRoles { scu, scp }) => {
                user.roles.push(RoleSelection { sop_class: uid(text.as_bytes())?, scu, scp });
            }
            Item::UserIdentityItem(identity) => user.identity = Some(read_identity(&identity)),
            Item::Unknown(WINDOW, bytes) => user.window = Some(read_window(&bytes)?),
            Item::Unknown(COMMON, bytes) => user.common.push(read_common(&bytes)?),
            Item::Unknown(IDENTITY_RESPONSE, bytes) => {
                user.identity_response = Some(field(&mut &bytes[..])?.to_vec());
            }
            Item::Unknown(..) => {}
        }
    }
    if (1..LEAST_PDU).contains(&user.max_pdu) {
        return Err(Unfit::Invalid);
    }
    Ok(user)
}

/// The sub-items of either direction, in the order of their numbers.
pub(super) fn of(user: &UserInformation) -> Vec<Item> {
    let mut items = vec![Item::MaxLength(user.max_pdu)];
    if let Some(class) = &user.implementation.class {
        items.push(Item::ImplementationClassUID(class.to_string()));
    }
    if let Some(Window { invoked, performed }) = user.window {
        items.push(Item::Unknown(WINDOW, [invoked.to_be_bytes(), performed.to_be_bytes()].concat()));
    }
    items.extend(user.roles.iter().map(|role| {
        let roles = RequestorRoles { scu: role.scu, scp: role.scp };
        Item::ScuScpRoleSelectionSubItem(role.sop_class.to_string(), roles)
    }));
    if let Some(version) = &user.implementation.version {
        items.push(Item::ImplementationVersionName(version.chars().take(16).collect()));
    }
    items.extend(user.extended.iter().map(|extended| {
        Item::SopClassExtendedNegotiationSubItem(extended.sop_class.to_string(), extended.information.clone())
    }));
    items.extend(user.common.iter().map(|common| Item::Unknown(COMMON, common_bytes(common))));
    if let Some(identity) = &user.identity {
        items.push(Item::UserIdentityItem(identity_item(identity)));
    }
    if let Some(response) = &user.identity_response {
        let mut bytes = Vec::new();
        put_field(&mut bytes, response);
        items.push(Item::Unknown(IDENTITY_RESPONSE, bytes));
    }
    items
}

fn uid(bytes: &[u8]) -> Result<Uid, Unfit> {
    Uid::read(bytes).map_err(|_| Unfit::Invalid)
}

/// Takes a field with a length of two bytes in front.
fn field<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], Unfit> {
    let (length, rest) = bytes.split_first_chunk().ok_or(Unfit::Invalid)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (field, rest) = rest.split_at_checked(length).ok_or(Unfit::Invalid)?;
    *bytes = rest;
    Ok(field)
}

/// Writes a field with a length of two bytes in front, cut to what that can say.
fn put_field(out: &mut Vec<u8>, field: &[u8]) {
    let length = u16::try_from(field.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&field[..usize::from(length)]);
}

fn read_window(bytes: &[u8]) -> Result<Window, Unfit> {
    let [a, b, c, d] = *bytes else { return Err(Unfit::Invalid) };
    Ok(Window { invoked: u16::from_be_bytes([a, b]), performed: u16::from_be_bytes([c, d]) })
}

fn read_common(mut bytes: &[u8]) -> Result<CommonExtended, Unfit> {
    let sop_class = uid(field(&mut bytes)?)?;
    let service_class = uid(field(&mut bytes)?)?;
    let (mut list, mut related) = (field(&mut bytes)?, Vec::new());
    while !list.is_empty() {
        related.push(uid(field(&mut list)?)?);
    }
    Ok(CommonExtended { sop_class, service_class, related })
}

fn common_bytes(common: &CommonExtended) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    put_field(&mut out, common.sop_class.as_str().as_bytes());
    put_field(&mut out, common.service_class.as_str().as_bytes());
    for class in &common.related {
        put_field(&mut list, class.as_str().as_bytes());
    }
    put_field(&mut out, &list);
    out
}

fn read_identity(identity: &Identity) -> UserIdentity {
    let primary = identity.primary_field();
    let credential = match identity.identity_type() {
        UserIdentityType::UsernamePassword => {
            Credential::Passcode { username: primary, passcode: identity.secondary_field() }
        }
        UserIdentityType::KerberosServiceTicket => Credential::Kerberos(primary),
        UserIdentityType::SamlAssertion => Credential::Saml(primary),
        UserIdentityType::Jwt => Credential::Jwt(primary),
        _ => Credential::Username(primary),
    };
    UserIdentity { credential, response_requested: identity.positive_response_requested() }
}

fn identity_item(identity: &UserIdentity) -> Identity {
    let (kind, primary, secondary) = match identity.credential.clone() {
        Credential::Username(name) => (UserIdentityType::Username, name, Vec::new()),
        Credential::Passcode { username, passcode } => {
            (UserIdentityType::UsernamePassword, username, passcode)
        }
        Credential::Kerberos(ticket) => (UserIdentityType::KerberosServiceTicket, ticket, Vec::new()),
        Credential::Saml(assertion) => (UserIdentityType::SamlAssertion, assertion, Vec::new()),
        Credential::Jwt(token) => (UserIdentityType::Jwt, token, Vec::new()),
    };
    Identity::new(identity.response_requested, kind, primary, secondary)
}
