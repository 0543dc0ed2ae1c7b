//! `snapshot.xml`: the manifest of a package: `<snapshot id='..' version='..'><file name='..' size='..'/></snapshot>`.
//!
//! Element and attribute names of the product are not public, so they are read by families, as
//! attributes or as child elements, in any case, with or without prefix (`evidence.md`, 5).
//! Folders around a file are part of its path; blocks below a file are left out. What fits no
//! family is left alone, and a layout that shows nothing is a defect and not a guess.

use super::xml::{self, Document, Element, Field};
use crate::ingest::Defect;
use crate::ingest::stamps::{self, DateOrder, Settled};
use crate::model::path::{fold, within};
use crate::model::{PackageId, Snapshot, SnapshotFile};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Bytes that the path of a file may have: more than Windows knows.
const MAX_PATH: usize = 32_768;
/// Bytes that all paths may have together: long names of folders are repeated for each file in them.
const MAX_PATHS: usize = 64 << 20;
/// Attributes of folders that are looked through for all files together.
const MAX_LOOKED_AT: usize = 10_000_000;

const FILES: [&str; 3] = ["file", "entry", "item"];
const FOLDERS: [&str; 3] = ["dir", "directory", "folder"];
/// Wrappers around files: what they say of themselves is not about the package.
const WRAPPERS: [&str; 7] = [
    "files", "entries", "items", "contents", "content", "filelist", "folders",
];
/// Elements that only other documents have.
const FOREIGN: [&str; 12] = [
    "event",
    "softpkg",
    "policy",
    "policies",
    "clientpolicy",
    "html",
    "task",
    "configuration",
    "packagestatus",
    "assembly",
    "objs",
    "project",
];

const VERSION: [&str; 4] = ["packageversion", "internalversion", "revision", "version"];
const PATH: [&str; 10] = [
    "packagepath",
    "path",
    "codebase",
    "source",
    "location",
    "root",
    "sourcepath",
    "packagelocation",
    "packagesource",
    "url",
];
const ID: [&str; 6] = [
    "packageid",
    "packageguid",
    "guid",
    "id",
    "package",
    "identifier",
];
const NAME: [&str; 5] = [
    "displayname",
    "packagename",
    "name",
    "title",
    "friendlyname",
];
const CREATED: [&str; 9] = [
    "created",
    "creationtime",
    "generated",
    "creationdate",
    "createdat",
    "snapshottime",
    "timestamp",
    "date",
    "time",
];
const HASH: [&str; 9] = [
    "hash",
    "sha256",
    "checksum",
    "digest",
    "signature",
    "snapshothash",
    "sha1",
    "md5",
    "filehash",
];
const FILE_NAME: [&str; 5] = ["name", "filename", "relativepath", "path", "fullname"];
const FILE_PATH: [&str; 3] = ["relativepath", "path", "fullname"];
const SIZE: [&str; 4] = ["size", "length", "bytes", "filesize"];
const MODIFIED: [&str; 12] = [
    "modified",
    "lastmodified",
    "lastwritetime",
    "mtime",
    "modificationtime",
    "lastwrite",
    "modifiedtime",
    "lastmodifiedtime",
    "lastmodifieddate",
    "date",
    "time",
    "timestamp",
];

/// Whether a document is a snapshot, by its content.
pub fn recognise(prefix: &str) -> bool {
    if !prefix
        .trim_start_matches('\u{FEFF}')
        .trim_start()
        .starts_with('<')
    {
        return false;
    }
    let mut known = false;
    let found = collect(prefix, &mut |file, _, _| {
        known =
            known || size(file).is_some() || text(file, &HASH).or(text(file, &MODIFIED)).is_some();
    });
    let Some(root) = &found.root else {
        return false;
    };
    let about = version(root, true).is_some() || package(root).is_some();
    !found.foreign && (root.name.contains("snapshot") || known && about)
}

/// Reads a snapshot. `None` if its layout is not known.
pub fn parse(text: &str, option: Option<DateOrder>) -> (Option<Snapshot>, Vec<Defect>) {
    let mut all = Found::default();
    let mut found = collect(text, &mut |element, above, name| {
        all.take(element, above, name);
    });
    if let Some(line) = all.left_out {
        let what = "files in too many or too long folders";
        found.document.spoil(line, what);
    }
    let files = all.files;
    let mut defects = found.document.defects;
    let Some(root) = found.root else {
        return (None, defects);
    };
    let settled = settle(&files, &root, option);
    let order = settled.order;
    defects.extend(settled.is_guess.then(super::guessed_order));
    let (version, path) = (
        version(&root, found.document.complete),
        root.find(&PATH, is_path),
    );
    if files.is_empty() && version.is_none() && path.is_none() {
        defects.push(Defect {
            line: Some(root.line),
            what: format!(
                "a snapshot of unknown layout: `{}` shows no file, version or path",
                root.name
            ),
            cost: "the capture is not used".to_owned(),
            lost: true,
        });
        return (None, defects);
    }
    let text_of =
        |field: Option<&Field<'_>>| xml::quote(text, field.map_or(root.at, |field| field.at));
    let value_of = |field: &Field<'_>| field.value.trim().to_owned();
    let path_value = path.map(value_of);
    let base = path_value.as_deref().map(|path| fold(path, None));
    let mut files: Vec<SnapshotFile> = files
        .into_iter()
        .map(|file| SnapshotFile {
            path: below(file.path.into(), base.as_deref()).into_owned(),
            size: file.size,
            modified: file.modified.and_then(|time| stamps::parse(&time, order)),
            hash: file.hash,
            line: file.line,
        })
        .collect();
    files.sort_by_cached_key(|file| (fold(&file.path, None), file.line));
    let snapshot = Snapshot {
        package: package(&root),
        name: root.find(&NAME, |name| !name.is_empty()).map(value_of),
        version: version.and_then(|field| field.value.trim().parse().ok()),
        created: root
            .find(&CREATED, |time| stamps::parse(time, None).is_some())
            .and_then(|field| stamps::parse(&field.value, order)),
        hash: root.find(&HASH, |hash| !hash.is_empty()).map(value_of),
        files,
        complete: found.document.complete,
        version_line: version.map_or(root.line, |field| field.line),
        path_line: path.map_or(root.line, |field| field.line),
        version_text: text_of(version),
        path_text: text_of(path),
        path: path_value,
    };
    (Some(snapshot), defects)
}

/// A file as written.
struct RawFile<'t> {
    path: String,
    size: Option<u64>,
    modified: Option<Cow<'t, str>>,
    hash: Option<String>,
    line: u32,
}

/// The files, and what they cost: a document must not ask for more work or memory than its length
/// is worth.
#[derive(Default)]
struct Found<'t> {
    files: Vec<RawFile<'t>>,
    /// Bytes of the paths.
    paths: usize,
    /// Attributes that were looked through.
    looked_at: usize,
    /// The line of the first file that is left out.
    left_out: Option<u32>,
}

impl<'t> Found<'t> {
    fn take(&mut self, element: &Element<'t>, above: &[Element<'t>], name: &str) {
        let parts = above.iter().filter(|outer| is_part(outer));
        self.looked_at += parts.map(|outer| outer.fields.len()).sum::<usize>();
        if self.looked_at <= MAX_LOOKED_AT
            && let Some(file) = file(element, above, name)
            && self.paths + file.path.len() <= MAX_PATHS
        {
            self.paths += file.path.len();
            self.files.push(file);
        } else {
            self.left_out = self.left_out.or(Some(element.line));
        }
    }
}

/// Told of a file: its element, the elements around it, and its name.
type Keep<'k, 't> = dyn FnMut(&Element<'t>, &[Element<'t>], &str) + 'k;

struct Collected<'t> {
    root: Option<Element<'t>>,
    foreign: bool,
    document: Document<'t>,
}

fn collect<'t>(text: &'t str, keep: &mut Keep<'_, 't>) -> Collected<'t> {
    let mut foreign = false;
    let mut document = xml::read(text, &mut |element, above| {
        foreign |= FOREIGN.contains(&&*element.name);
        close(element, above, keep);
    });
    let mut root = document.root.take();
    // Cut: what the elements say that are still open holds all the same.
    let mut open = std::mem::take(&mut document.open).into_iter();
    if let Some(mut outermost) = open.next() {
        for mut element in open {
            foreign |= FOREIGN.contains(&&*element.name);
            if is_part(&element) || is_block(&element.name) {
                break;
            }
            if !WRAPPERS.contains(&&*element.name) {
                // The text may be cut in the middle of a number.
                element.text.clear();
                outermost.absorb(element);
            }
        }
        root = Some(outermost);
    }
    foreign |= root
        .as_ref()
        .is_some_and(|root| FOREIGN.contains(&&*root.name));
    Collected {
        root,
        foreign,
        document,
    }
}

/// An element ended: a file is given to `keep`, a fact goes to the element around it.
fn close<'t>(element: Element<'t>, above: &mut [Element<'t>], keep: &mut Keep<'_, 't>) {
    if is_block(&element.name) || above.iter().any(|outer| is_block(&outer.name)) {
        return;
    }
    let is_file = FILES.contains(&&*element.name);
    if FOLDERS.contains(&&*element.name) || is_file && is_folder(&element) {
        return;
    }
    if is_file && let Some(name) = name_of(&element) {
        keep(&element, above, &name);
        for outer in above {
            outer.marked = true;
        }
        return;
    }
    let Some(parent) = above.last_mut() else {
        return;
    };
    // Of several hashes in a wrapper below a file, none is known to be that of the file.
    let of_file = FILES.contains(&&*parent.name) && !parent.marked;
    let mut names = BTreeSet::new();
    let mut doubled = |field: &Field<'_>| !names.insert(Rc::clone(&field.name));
    if of_file && element.has_children && element.fields.iter().any(&mut doubled) {
        return;
    }
    if !WRAPPERS.contains(&&*element.name) {
        parent.absorb(element);
    }
}

fn is_block(name: &str) -> bool {
    ["block", "chunk", "segment", "piece"]
        .iter()
        .any(|stem| name.starts_with(stem))
}

fn is_part(element: &Element<'_>) -> bool {
    FILES.contains(&&*element.name) || FOLDERS.contains(&&*element.name)
}

/// An `<item>` that holds files or says that it is a folder.
fn is_folder(element: &Element<'_>) -> bool {
    element.marked
        || element
            .find(&["type", "kind", "isdirectory", "isfolder"], |word| {
                ["directory", "folder", "dir", "true", "1"].contains(&word.to_lowercase().as_str())
            })
            .is_some_and(|field| field.name.starts_with("is") || field.value.len() > 2)
}

/// `\` between folders, none around.
fn normal(path: &str) -> Cow<'_, str> {
    let path = path.trim();
    if path.contains('/') {
        let path = path.replace('/', "\\");
        return Cow::Owned(path.strip_prefix(".\\").unwrap_or(&path).to_owned());
    }
    Cow::Borrowed(path.strip_prefix(".\\").unwrap_or(path))
}

/// The name of a file or folder within the folder around it.
fn name_of<'e>(element: &'e Element<'_>) -> Option<Cow<'e, str>> {
    let given = |family: &[&str]| {
        element
            .find(family, |name| !name.is_empty())
            .map(|field| normal(&field.value))
    };
    let Some(name) = given(&FILE_NAME) else {
        let text = normal(&element.text);
        return (!text.is_empty() && !element.has_children).then_some(text);
    };
    match given(&FILE_PATH) {
        // `path` may be the folder of the file or the file itself.
        Some(path) if path != name => {
            let (whole, last) = (path.to_lowercase(), name.to_lowercase());
            if whole.ends_with(&format!("\\{last}")) {
                Some(path)
            } else {
                Some(Cow::Owned(join(&path, &name)))
            }
        }
        _ => Some(name),
    }
}

fn join(folder: &str, name: &str) -> String {
    let (folder, name) = (folder.trim_end_matches('\\'), name.trim_end_matches('\\'));
    // Nearly all names have no folder before them, and then none is told twice.
    let tells_folder = |name: &str| {
        let told = fold(name, None);
        told.contains('\\') && within(&told, &fold(folder, None))
    };
    if folder.is_empty()
        || folder == "."
        || is_absolute(name)
        || name.contains(['\\', '/']) && tells_folder(name)
    {
        return name.to_owned();
    }
    match name.trim_start_matches('\\') {
        "" | "." => folder.to_owned(),
        name => [folder, "\\", name].concat(),
    }
}

fn is_absolute(path: &str) -> bool {
    path.starts_with("\\\\") || path.as_bytes().get(1) == Some(&b':')
}

fn is_path(value: &str) -> bool {
    value.contains(['\\', '/']) || value.as_bytes().get(1) == Some(&b':')
}

/// The file in the folders around it; `None` if its path is too long.
fn file<'t>(element: &Element<'t>, above: &[Element<'t>], name: &str) -> Option<RawFile<'t>> {
    let mut base = None;
    let mut folder = String::new();
    for outer in above.iter().filter(|outer| is_part(outer)) {
        let Some(part) = name_of(outer) else { continue };
        if folder.len() + part.len() > MAX_PATH {
            return None;
        }
        // A folder with a full path is where the package lies, and not a part of it.
        if is_absolute(&part) && base.is_none() {
            base = Some(fold(&part, None));
        } else {
            folder = join(&folder, &below(part, base.as_deref()));
        }
    }
    if folder.len() + name.len() > MAX_PATH {
        return None;
    }
    Some(RawFile {
        path: trimmed(below(join(&folder, name).into(), base.as_deref())),
        size: size(element),
        modified: text(element, &MODIFIED),
        hash: text(element, &HASH).map(Cow::into_owned),
        line: element.line,
    })
}

/// The path without `\` at its head.
fn trimmed(path: Cow<'_, str>) -> String {
    match path.starts_with('\\') {
        true => path.trim_start_matches('\\').to_owned(),
        false => path.into_owned(),
    }
}

fn size(file: &Element<'_>) -> Option<u64> {
    file.find(&SIZE, |size| size.parse::<u64>().is_ok())
        .and_then(|field| field.value.trim().parse().ok())
}

/// The first text of a family, trimmed.
fn text<'t>(file: &Element<'t>, family: &[&str]) -> Option<Cow<'t, str>> {
    let field = file.find(family, |value| !value.is_empty())?;
    Some(match &field.value {
        Cow::Borrowed(value) => Cow::Borrowed(value.trim()),
        Cow::Owned(value) => Cow::Owned(value.trim().to_owned()),
    })
}

/// The part of an absolute path below `base`; any other path as it is.
fn below<'p>(path: Cow<'p, str>, base: Option<&str>) -> Cow<'p, str> {
    let Some(base) = base.filter(|_| is_absolute(&path)) else {
        return path;
    };
    if !within(&fold(&path, None), base) {
        return path;
    }
    let parts = base.split('\\').filter(|part| !part.is_empty()).count();
    let rest: Vec<&str> = path
        .split('\\')
        .filter(|part| !part.is_empty())
        .skip(parts)
        .collect();
    Cow::Owned(rest.join("\\"))
}

fn package(root: &Element<'_>) -> Option<PackageId> {
    root.find(&ID, |id| PackageId::parse(id).is_some())
        .and_then(|field| PackageId::parse(field.value.trim()))
}

/// Versions are Unix seconds. A small number may be the version of the format instead, and where
/// the document is cut, the right one may have been lost.
fn version<'e, 't>(root: &'e Element<'t>, complete: bool) -> Option<&'e Field<'t>> {
    let at_least = |least: i64| {
        root.find(&VERSION, move |value| {
            value.parse::<i64>().is_ok_and(|number| number >= least)
        })
    };
    at_least(100_000_000).or_else(|| at_least(i64::MIN).filter(|_| complete))
}

/// Day and month of the whole file.
fn settle(files: &[RawFile<'_>], root: &Element<'_>, option: Option<DateOrder>) -> Settled {
    let own = root.find(&CREATED, |time| stamps::parse(time, None).is_some());
    let dates = files
        .iter()
        .filter_map(|file| file.modified.as_deref())
        .chain(own.map(|field| field.value.as_ref()));
    stamps::settle(dates, option)
}

#[cfg(test)]
mod tests;
