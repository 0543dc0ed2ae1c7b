//! Windows paths, compared as Windows compares them, on any system.

/// A path in the form in which two spellings of one place are equal: lower case, backslashes,
/// no `\\?\`, no trailing or doubled separators, `%COMPUTERNAME%` and the host's own name
/// in a UNC path as `\\.`.
///
/// ```
/// use pkgtrail::model::path::fold;
/// assert_eq!(fold(r"D:\PkgShare\ContosoVPN\", None), fold(r"\\?\d:/pkgshare//contosovpn", None));
/// assert_eq!(fold(r"\\%COMPUTERNAME%\Share\a", None), fold(r"\\PS01\share\A", Some("ps01")));
/// assert_ne!(fold(r"\\PS02\Share\a", Some("PS01")), fold(r"\\PS01\Share\a", Some("PS01")));
/// assert_eq!(fold(r"\\PS01\D$\Share", Some("PS01")), fold(r"D:\Share", None));
/// let folded = fold(r"\\PS01\Share\a", Some("PS01"));
/// assert_eq!(fold(&folded, None), folded);
/// ```
pub fn fold(path: &str, host: Option<&str>) -> String {
    let mut text = path.trim().trim_matches('"').to_lowercase();
    if text.contains('/') {
        text = text.replace('/', "\\");
    }
    let is_folded = |part: &str| !part.is_empty() && part != "." && part.trim() == part;
    if text.split('\\').all(is_folded) {
        return text;
    }
    if let Some(rest) = text.strip_prefix(r"\\?\unc\") {
        text = format!(r"\\{rest}");
    } else if let Some(rest) = text
        .strip_prefix(r"\\?\")
        .or_else(|| text.strip_prefix(r"\??\"))
    {
        text = rest.to_owned();
    }
    let unc = text.starts_with(r"\\");
    let mut parts: Vec<&str> = text
        .split('\\')
        // Windows drops blanks at the end of a name; those at the beginning are slips.
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    // A folded path folds to itself: `\\.` at its head is the host.
    let mut place = 0;
    parts.retain(|part| {
        place += 1;
        *part != "." || unc && place == 1
    });
    if unc && !parts.is_empty() {
        let own = host.map(str::to_lowercase);
        let first = parts[0].split('.').next().unwrap_or(parts[0]);
        if ["%computername%", "localhost", "127"].contains(&first) || own.as_deref() == Some(first)
        {
            parts[0] = ".";
            // The administrative share of a drive is the drive.
            if let Some(drive) = parts.get(1).and_then(|share| share.strip_suffix('$'))
                && drive.len() == 1
                && drive.as_bytes()[0].is_ascii_alphabetic()
            {
                let rest = parts[2..].iter().map(|part| format!("\\{part}"));
                return format!("{drive}:{}", rest.collect::<String>());
            }
        }
        return format!(r"\\{}", parts.join("\\"));
    }
    parts.join("\\")
}

/// Whether the folded `path` is `folder` itself or lies inside it.
pub fn within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
}

/// Whether a folded path is the root of a drive or of a share.
pub fn is_root(folded: &str) -> bool {
    match folded.strip_prefix(r"\\") {
        Some(unc) => unc.split('\\').count() <= 2,
        None => folded.len() == 2 && folded.ends_with(':'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_folded_path_folds_to_itself(path in r#"(\\\\|[CD]:\\|\\\\[?.]\\)?([A-Za-zÄé%. ]{1,5}[\\/]{1,2}){0,4}[a-z.]{0,4}"#) {
            let once = fold(&path, Some("ab"));
            prop_assert_eq!(fold(&once, Some("ab")), once.clone());
            prop_assert_eq!(fold(&once, None), once);
        }
    }

    #[test]
    fn what_is_folded_but_for_one_part_is_folded_in_that_part() {
        for (path, folded) in [
            (r"data\Setup.EXE", r"data\setup.exe"),
            (r"data\\Setup.EXE", r"data\setup.exe"),
            (r"data\.\Setup.EXE", r"data\setup.exe"),
            (r"data\ Setup.EXE ", r"data\setup.exe"),
            (r"data /Setup.EXE/", r"data\setup.exe"),
            (r"\data\Ünder.exe", r"data\ünder.exe"),
            ("", ""),
        ] {
            assert_eq!(fold(path, None), folded, "{path}");
        }
    }

    #[test]
    fn a_drive_and_a_share_have_a_root() {
        for (path, root) in [
            (r"E:\", true),
            ("E:", true),
            (r"\\?\E:\", true),
            (r"E:\Pkg", false),
            (r"\\PS\Share", true),
            (r"\\PS\Share\", true),
            (r"\\%COMPUTERNAME%\Share", true),
            (r"\\PS\Share\Vpn", false),
        ] {
            assert_eq!(is_root(&fold(path, Some("PS"))), root, "{path}");
        }
    }
}
