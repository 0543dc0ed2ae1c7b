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
/// ```
pub fn fold(path: &str, host: Option<&str>) -> String {
    let mut text = path
        .trim()
        .trim_matches('"')
        .replace('/', "\\")
        .to_lowercase();
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
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    if unc && !parts.is_empty() {
        let own = host.map(str::to_lowercase);
        let first = parts[0].split('.').next().unwrap_or(parts[0]);
        if ["%computername%", "localhost", "127"].contains(&first) || own.as_deref() == Some(first)
        {
            parts[0] = ".";
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
