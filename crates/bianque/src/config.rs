//! Settings, decided: flag, then variable, then file, then default.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bianque_app::RatingConstants;
use serde::Deserialize;

use crate::cli::ServeFlags;

/// The settings of a server.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// The HTTP listener.
    pub http: SocketAddr,
    /// The UDP socket of calls.
    pub media: SocketAddr,
    /// What browsers are told of it.
    pub media_public: Option<SocketAddr>,
    /// What links carry.
    pub public_url: Option<String>,
    /// Certificate chain and private key, PEM.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Where the audit is sent.
    pub audit_export: Option<String>,
    /// What a syslog server's certificate is held against.
    pub audit_export_ca: Option<PathBuf>,
    /// The master key's file.
    pub master_key: PathBuf,
    /// Constants of the transmission rating.
    pub rating: RatingConstants,
}

/// The file: the same names with underscores.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    http: Option<SocketAddr>,
    media: Option<SocketAddr>,
    media_public: Option<SocketAddr>,
    public_url: Option<String>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    audit_export: Option<String>,
    audit_export_ca: Option<PathBuf>,
    master_key: Option<PathBuf>,
    rating: Option<toml::Table>,
}

impl Config {
    /// Decides the settings.
    pub(crate) fn decide(flags: &ServeFlags) -> anyhow::Result<Self> {
        let file = flags.config.as_deref().map(read).transpose()?.unwrap_or_default();
        let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let data = flags.data.clone().or(file.data).unwrap_or_else(|| "./bianque-data".into());
        let tls = match (flags.tls_cert.clone().or(file.tls_cert), flags.tls_key.clone().or(file.tls_key)) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => bail!("tls-cert and tls-key go together"),
        };
        let public_url = flags.public_url.clone().or(file.public_url);
        let public_url = public_url.map(|url| url.trim_end_matches('/').to_owned());
        if let Some(url) = &public_url
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            bail!("public-url must begin with https:// or http://");
        }
        Ok(Self {
            master_key: flags
                .master_key
                .clone()
                .or(file.master_key)
                .unwrap_or_else(|| data.join("keys/master.key")),
            data,
            http: flags.http.or(file.http).unwrap_or_else(|| loopback(8080)),
            media: flags.media.or(file.media).unwrap_or_else(|| loopback(10_000)),
            media_public: flags.media_public.or(file.media_public),
            public_url,
            tls,
            audit_export: flags.audit_export.clone().or(file.audit_export),
            audit_export_ca: flags.audit_export_ca.clone().or(file.audit_export_ca),
            rating: rating(file.rating, flags.rating.as_deref())?,
        })
    }
}

/// Constants one by one: the flag's, else the file's, else those of the method.
fn rating(file: Option<toml::Table>, flag: Option<&str>) -> anyhow::Result<RatingConstants> {
    #[derive(Deserialize)]
    struct Flag {
        rating: toml::Table,
    }
    let mut table = file.unwrap_or_default();
    if let Some(text) = flag {
        let read: Flag = toml::from_str(&format!("rating = {{ {text} }}"))
            .with_context(|| format!("rating: {text:?} is not like \"ie = 0, bpl = 10\""))?;
        table.extend(read.rating);
    }
    let constants: RatingConstants = table.try_into().context("understand rating")?;
    Ok(constants.checked()?)
}

fn read(path: &Path) -> anyhow::Result<File> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("understand {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_stronger_than_the_file_and_the_file_than_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bianque.toml");
        std::fs::write(&path, "http = \"127.0.0.1:9000\"\nmedia = \"127.0.0.1:9001\"\n").unwrap();
        let flags = ServeFlags {
            config: Some(path.clone()),
            http: Some("127.0.0.1:7000".parse().unwrap()),
            ..ServeFlags::default()
        };
        let config = Config::decide(&flags).unwrap();
        assert_eq!(config.http.port(), 7000);
        assert_eq!(config.media.port(), 9001);
        assert_eq!(config.data, PathBuf::from("./bianque-data"));
        std::fs::write(&path, "htp = \"127.0.0.1:9000\"\n").unwrap();
        assert!(Config::decide(&flags).unwrap_err().chain().any(|e| e.to_string().contains("htp")));
    }

    #[test]
    fn a_rating_constant_comes_from_the_flag_then_the_file_then_the_method() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bianque.toml");
        std::fs::write(&path, "[rating]\nie = 3\nbpl = 19.5\n").unwrap();
        let with = |rating: &str| {
            let flags = ServeFlags {
                config: Some(path.clone()),
                rating: Some(rating.to_owned()),
                ..ServeFlags::default()
            };
            Config::decide(&flags).map(|config| config.rating)
        };
        let expected = RatingConstants { ie: 3.0, bpl: 25.0, burst_ratio: 1.2, ..RatingConstants::default() };
        assert_eq!(with("bpl = 25, burst_ratio = 1.2").unwrap(), expected);
        for (wrong, why) in
            [("bpl", "ie = 0, bpl = 10"), ("bpl = 0", "bpl"), ("opus = 1", "opus"), ("ie = \"low\"", "ie")]
        {
            let error = with(wrong).unwrap_err();
            assert!(error.chain().any(|cause| cause.to_string().contains(why)), "{wrong}: {error:#}");
        }
    }
}
