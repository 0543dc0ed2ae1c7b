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

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Case, direction and number of separators, the prefix for long paths and a separator at
        /// the end tell no places apart; another drive, another name or one folder more do.
        #[test]
        fn spellings_of_one_place_are_equal(
            drive in "[c-f]",
            parts in prop::collection::vec("[a-zà-ü0-9$(){}-][a-zà-ü0-9 $(){}.-]{0,8}[a-z0-9]", 1..6),
            spelled in prop::collection::vec((any::<bool>(), any::<bool>(), 1..3_usize), 6),
            long in any::<bool>(),
            ended in any::<bool>(),
        ) {
            let plain = format!(r"{drive}:\{}", parts.join("\\"));
            let mut odd = if long { r"\\?\".to_owned() } else { String::new() };
            odd += &drive.to_uppercase();
            odd.push(':');
            for (part, (upper, forward, count)) in parts.iter().zip(&spelled) {
                odd += &if *forward { "/" } else { "\\" }.repeat(*count);
                odd += &if *upper { part.to_uppercase() } else { part.clone() };
            }
            odd += if ended { "\\" } else { "" };
            prop_assert_eq!(fold(&odd, None), fold(&plain, None));
            prop_assert_ne!(fold(&plain, None), fold(&format!("g{}", &plain[1..]), None));
            prop_assert_ne!(fold(&plain, None), fold(&format!("{plain}x"), None));
            let inner = fold(&format!(r"{plain}\x"), None);
            prop_assert_ne!(&inner, &fold(&plain, None));
            prop_assert!(within(&inner, &fold(&plain, None)));
            let beside = fold(&format!("{plain}x"), None);
            prop_assert!(!within(&beside, &fold(&plain, None)));
        }

        /// All names of this computer are one, and that of another is not.
        #[test]
        fn a_share_of_this_computer_is_one_place(
            host in "[a-z][a-z0-9-]{1,8}",
            share in "[a-z][a-z0-9]{1,8}",
            rest in "[a-z0-9 ]{0,8}[a-z0-9]",
            upper in any::<bool>(),
        ) {
            let own = if upper { host.to_uppercase() } else { host.clone() };
            let names = [own.clone(), format!("{host}.corp.example"), "%COMPUTERNAME%".to_owned(),
                "localhost".to_owned(), "127.0.0.1".to_owned()];
            let folded = names.map(|name| fold(&format!(r"\\{name}\{share}\{rest}"), Some(&own)));
            prop_assert!(folded.iter().all(|one| *one == folded[0]), "{folded:?}");
            let other = fold(&format!(r"\\{host}x\{share}\{rest}"), Some(&own));
            prop_assert_ne!(&other, &folded[0]);
            let drive = fold(&format!(r"\\{host}\d$\{rest}"), Some(&own));
            prop_assert_eq!(drive, fold(&format!(r"D:\{rest}"), None));
            let foreign = fold(&format!(r"\\{host}x\d$\{rest}"), Some(&own));
            prop_assert_ne!(foreign, fold(&format!(r"D:\{rest}"), None));
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
