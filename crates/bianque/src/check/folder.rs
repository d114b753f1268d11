//! The data folder and the key: whether they are ours alone, and not the same thing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bianque_blobs::MasterKey;

use super::Finding;
use crate::config::Config;
use crate::keys::{self, Source};
use crate::open;

/// With less than this the next days may not fit, bytes.
const LITTLE: u64 = 2 << 30;
/// Magic numbers of file systems over a network (statfs(2)): NFS, SMB, CIFS, AFS, Ceph.
const NETWORKED: [i64; 6] = [0x6969, 0x517B, 0xFE53_4D42, 0xFF53_4D42, 0x5346_414F, 0x00C3_6400];

/// The data folder, or where it will be made.
pub(super) fn data(config: &Config) -> Vec<Finding> {
    const SETTING: &str = "data";
    let path = &config.data;
    if path.exists() && !path.is_dir() {
        return vec![Finding::wrong(SETTING, format!("{} is not a folder", path.display()))];
    }
    let mut findings = Vec::new();
    if path.is_dir() {
        findings.extend(modes(path));
        findings.push(if open::is_initialised(path) {
            Finding::fine(SETTING, format!("{} holds the data of a server", path.display()))
        } else {
            Finding::fine(SETTING, format!("{} is empty: the first start sets it up", path.display()))
        });
    } else {
        findings.push(Finding::fine(SETTING, format!("{} will be made", path.display())));
    }
    let Some(there) = path.ancestors().find(|above| above.is_dir()).or(Some(Path::new("."))) else {
        return findings;
    };
    findings.extend(disk(there));
    findings
}

/// Whether others can read what lies directly in it.
fn modes(path: &Path) -> Vec<Finding> {
    const SETTING: &str = "data";
    let open = |path: &Path| fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
    if !open(path) {
        return vec![Finding::fine(SETTING, "only its owner can look into it")];
    }
    let readable: Vec<String> = ["bianque.db", "audit.db", "keys", "blobs"]
        .into_iter()
        .filter(|name| open(&path.join(name)))
        .map(str::to_owned)
        .collect();
    let says = format!("others can look into {}: its mode should be 0700", path.display());
    let more =
        if readable.is_empty() { String::new() } else { format!(" (and into {})", readable.join(", ")) };
    vec![Finding::risk(SETTING, says + &more)]
}

fn disk(path: &Path) -> Vec<Finding> {
    const SETTING: &str = "data";
    let mut findings = Vec::new();
    if let Ok(found) = rustix::fs::statvfs(path) {
        let free = found.f_bavail.saturating_mul(found.f_frsize);
        findings.push(if free < LITTLE {
            Finding::risk(SETTING, format!("the disk has {} MB left", free >> 20))
        } else {
            Finding::fine(SETTING, format!("the disk has {} GB left", free >> 30))
        });
    }
    #[cfg(target_os = "linux")]
    if let Ok(found) = rustix::fs::statfs(path)
        && NETWORKED.contains(&(found.f_type & 0xFFFF_FFFF))
    {
        let says = "it lies on a network file system, which loses what a database needs to be kept";
        findings.push(Finding::wrong(SETTING, says));
    }
    findings
}

/// Where the master key is.
pub(super) fn master_key(config: &Config) -> Vec<Finding> {
    const SETTING: &str = "master-key";
    let data = &config.data;
    let key = match &config.master_key {
        Source::File(key) => key,
        Source::Command(words) => {
            let program = words.first().map(String::as_str).unwrap_or_default();
            return vec![Finding::fine("master-key-command", format!("{program} prints it; it was not run"))];
        }
    };
    let mut findings = Vec::new();
    if keys::lies_in(key, data) {
        let says = format!(
            "{} lies in the data folder: whoever takes the folder can read everything",
            key.display()
        );
        findings.push(Finding::risk(SETTING, says));
    }
    match fs::metadata(key) {
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            let says = format!("{} can be read by others: its mode must be 0600", key.display());
            findings.push(Finding::wrong(SETTING, says));
        }
        Ok(_) if !matches!(MasterKey::read(key), Ok(Some(_))) => {
            findings.push(Finding::wrong(
                SETTING,
                format!("{} is not 32 bytes long, nor 64 hexadecimal digits", key.display()),
            ));
        }
        Ok(_) => findings.push(Finding::fine(SETTING, "is there, and only its owner can read it")),
        Err(_) if open::is_initialised(data) => {
            let says = format!("{} is missing, and there is data that it seals", key.display());
            findings.push(Finding::wrong(SETTING, says));
        }
        Err(_) => findings.push(Finding::fine(SETTING, format!("{} will be made", key.display()))),
    }
    findings
}
