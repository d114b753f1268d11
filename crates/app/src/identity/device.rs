//! The browser that asks, in the words that its owner knows it by: "Firefox on Windows".

use serde::{Deserialize, Serialize};

/// Most bytes of a `User-Agent` that are looked at.
const LOOKED_AT: usize = 512;

/// A browser and its operating system, by the names of their makers. Empty: not told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The browser's name, for example `Firefox`.
    #[serde(default)]
    pub browser: String,
    /// The system's name, for example `Windows`.
    #[serde(default)]
    pub system: String,
}

/// The browser at the other end of a request.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    /// What it calls itself.
    pub device: Device,
    /// The secret by which a browser that signed in before is known again.
    pub secret: Option<String>,
}

/// What a `User-Agent` has in it, and the browser that it tells. Browsers name those they are derived from as well, so
/// the more particular come first.
const BROWSERS: [(&str, &str); 16] = [
    ("MicroMessenger/", "WeChat"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("MiuiBrowser/", "Mi Browser"),
    ("QQBrowser/", "QQ Browser"),
    ("UCBrowser/", "UC Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("EdgiOS/", "Edge"),
    ("EdgA/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("curl/", "curl"),
];

/// The same for operating systems.
const SYSTEMS: [(&str, &str); 9] = [
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

impl Device {
    /// Reads a `User-Agent`. What it says is believed for showing only.
    pub fn of(user_agent: &str) -> Self {
        let end = user_agent.len().min(LOOKED_AT);
        // A cut within a letter is no browser's name.
        let text = user_agent.get(..end).unwrap_or_default();
        // Chromium without a window says so in the name of its browser.
        let text = text.replace("HeadlessChrome/", "Chrome/");
        let named = |known: &[(&str, &str)]| {
            known.iter().find(|(mark, _)| text.contains(mark)).map_or("", |(_, name)| name).to_owned()
        };
        Self { browser: named(&BROWSERS), system: named(&SYSTEMS) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_called_what_people_call_them() {
        for (user_agent, browser, system) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox",
                "Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 \
                 Safari/537.36 Edg/140.0.0.0",
                "Edge",
                "Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari",
                "iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Mobile) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 \
                 Chrome/130.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50",
                "WeChat",
                "Android",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 \
                 Safari/537.36",
                "Chrome",
                "Linux",
            ),
            ("something else", "", ""),
        ] {
            let device = Device::of(user_agent);
            assert_eq!((device.browser.as_str(), device.system.as_str()), (browser, system), "{user_agent}");
        }
    }

    #[test]
    fn a_name_of_any_length_is_read_in_bounds() {
        assert_eq!(Device::of(&"扁".repeat(100_000)), Device::default());
        assert_eq!(Device::of(&format!("{} Firefox/140.0", "x".repeat(100_000))), Device::default());
        assert_eq!(Device::of(&format!("Firefox/140.0 {}", "x".repeat(100_000))).browser, "Firefox");
    }
}
