//! What a browser says of itself, in words that are the same in every language.

/// The browser and the system named in a `User-Agent`, e.g. `Firefox · Windows`; what is not known is
/// left out, so it may be empty. Never longer than 40 characters, and never anything typed by the
/// sender itself.
pub fn describe(user_agent: &str) -> String {
    const BROWSERS: &[(&str, &str)] = &[
        ("MicroMessenger", "WeChat"),
        ("DingTalk", "DingTalk"),
        ("Lark/", "Feishu"),
        ("QQBrowser", "QQ Browser"),
        ("UCBrowser", "UC Browser"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: &[(&str, &str)] = &[
        ("HarmonyOS", "HarmonyOS"),
        ("OpenHarmony", "HarmonyOS"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
    };
    [first(BROWSERS), first(SYSTEMS)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What a device says, as people read it: what a browser says of itself is put in a few words, what somebody
/// typed stays as it is.
pub fn said(device: &str) -> String {
    let described = if device.starts_with("Mozilla/") { describe(device) } else { String::new() };
    if described.is_empty() { device.to_owned() } else { described }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
        for (agent, said) in [
            (chrome.to_owned(), "Chrome · Windows"),
            (format!("{chrome} Edg/131.0"), "Edge · Windows"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari/604.1".into(), "Safari · iPhone"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0".into(), "Firefox · Linux"),
            ("Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile Safari/537.36 MicroMessenger/8.0".into(), "WeChat · Android"),
            ("<script>".into(), ""),
            (String::new(), ""),
        ] {
            assert_eq!(describe(&agent), said);
        }
    }
}
