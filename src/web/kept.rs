//! The last bytes of public pages, also kept on disk, so that a server that finds no database at
//! its start still shows the notice.

use std::collections::HashMap;
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::language::Language;
use crate::domain::secret;

/// How many are kept at most; with some tens of thousands of bytes each, about ten megabytes.
const MOST: usize = 400;

/// The folder of the kept pages.
#[derive(Debug, Clone)]
pub struct KeptPages {
    folder: PathBuf,
}

/// The first line of a file; the page's bytes follow.
#[derive(Serialize, Deserialize)]
struct Title {
    path: String,
    language: String,
    /// Its media type.
    #[serde(default = "page")]
    kind: String,
}

/// What was kept before the type was written down.
fn page() -> String {
    "text/html; charset=utf-8".to_owned()
}

/// What was kept of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its media type.
    pub kind: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl KeptPages {
    /// Those in this data folder. The folder for them is made when there is something to keep.
    pub fn in_data_folder(folder: &Path) -> KeptPages {
        KeptPages { folder: folder.join("kept-pages") }
    }

    fn file(&self, path: &str, language: Language) -> PathBuf {
        self.folder.join(&secret::hash(&format!("{path}\n{}", language.code()))[..32])
    }

    /// Forgets a page, if it was kept. Blocks.
    pub fn forget(&self, path: &str, language: Language) -> io::Result<()> {
        match std::fs::remove_file(self.file(path, language)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Keeps a page, in place of what was kept of it before. If there are as many as there may be, another
    /// goes: the one that was left unchanged the longest, of those that are not `dear` as long as there
    /// are any. Blocks; a server goes on without if the disk does not take it.
    pub fn keep(
        &self,
        path: &str,
        language: Language,
        kind: &str,
        page: &[u8],
        dear: &dyn Fn(&str) -> bool,
    ) -> io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let file = self.file(path, language);
        if !file.exists() {
            self.make_room(dear)?;
        }
        let title =
            Title { path: path.to_owned(), language: language.code().to_owned(), kind: kind.to_owned() };
        let mut new = tempfile::NamedTempFile::new_in(&self.folder)?;
        new.write_all(serde_json::to_string(&title)?.as_bytes())?;
        new.write_all(b"\n")?;
        new.write_all(page)?;
        // Half a page must never be found, not even after a power cut.
        new.as_file().sync_data()?;
        new.persist(file).map_err(|e| e.error)?;
        Ok(())
    }

    fn make_room(&self, dear: &dyn Fn(&str) -> bool) -> io::Result<()> {
        let files: Vec<PathBuf> = std::fs::read_dir(&self.folder)?.flatten().map(|f| f.path()).collect();
        let too_many = (files.len() + 1).saturating_sub(MOST);
        if too_many == 0 {
            return Ok(());
        }
        // What cannot be read goes first.
        let worth = |file: &Path| {
            let stays = title(file).map(|(title, _)| dear(&title.path));
            (stays, std::fs::metadata(file).and_then(|m| m.modified()).ok())
        };
        let mut files: Vec<_> = files.into_iter().map(|file| (worth(&file), file)).collect();
        files.sort_unstable();
        for (_, file) in files.into_iter().take(too_many) {
            std::fs::remove_file(file)?;
        }
        Ok(())
    }

    /// The bytes that are kept of a page in this language. Blocks.
    pub fn find(&self, path: &str, language: Language) -> Option<Vec<u8>> {
        read(&self.file(path, language)).map(|(_, kept)| kept.bytes)
    }

    /// Everything that is kept; what cannot be read is left out.
    pub fn all(&self) -> HashMap<(String, Language), Kept> {
        let Ok(files) = std::fs::read_dir(&self.folder) else { return HashMap::new() };
        files.flatten().filter_map(|file| read(&file.path())).collect()
    }
}

/// What a file is of; its bytes follow.
fn title(file: &Path) -> Option<(Title, io::BufReader<std::fs::File>)> {
    let mut reader = io::BufReader::new(std::fs::File::open(file).ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    Some((serde_json::from_str(&line).ok()?, reader))
}

fn read(file: &Path) -> Option<((String, Language), Kept)> {
    let (title, mut reader) = title(file)?;
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).ok()?;
    Some(((title.path, Language::from_code(&title.language)?), Kept { kind: title.kind, bytes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(kept: &KeptPages, path: &str, language: Language, page: &[u8]) {
        kept.keep(path, language, "text/html", page, &|path| path == "/").unwrap();
    }

    #[test]
    fn what_is_kept_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let kept = KeptPages::in_data_folder(folder.path());
        assert!(kept.all().is_empty());
        assert_eq!(kept.find("/", Language::En), None);
        keep(&kept, "/", Language::En, b"old");
        keep(&kept, "/", Language::En, "new\nand 新".as_bytes());
        keep(&kept, "/", Language::ZhCn, b"other");
        std::fs::write(folder.path().join("kept-pages/damaged"), b"\xff").unwrap();
        let all = kept.all();
        assert_eq!(all.len(), 2);
        let page = Kept { kind: "text/html".into(), bytes: "new\nand 新".into() };
        assert_eq!(all[&("/".to_owned(), Language::En)], page);
        assert_eq!(kept.find("/", Language::En), Some(page.bytes));
        kept.forget("/", Language::En).unwrap();
        kept.forget("/", Language::En).unwrap();
        assert_eq!(kept.all().len(), 1);
    }

    /// Pages that earlier versions kept have no type written down.
    #[test]
    fn what_was_kept_before_is_a_page() {
        let folder = tempfile::tempdir().unwrap();
        let kept = KeptPages::in_data_folder(folder.path());
        std::fs::create_dir(folder.path().join("kept-pages")).unwrap();
        std::fs::write(folder.path().join("kept-pages/x"), "{\"path\":\"/\",\"language\":\"en\"}\nhi")
            .unwrap();
        assert_eq!(kept.all()[&("/".to_owned(), Language::En)], Kept { kind: page(), bytes: b"hi".into() });
    }

    #[test]
    fn there_is_an_end_to_what_is_kept_and_new_pages_find_room() {
        let folder = tempfile::tempdir().unwrap();
        let kept = KeptPages::in_data_folder(folder.path());
        keep(&kept, "/", Language::En, b"dear");
        for n in 0..MOST + 5 {
            keep(&kept, &format!("/windows/{n}"), Language::En, b"x");
        }
        let all = kept.all();
        assert_eq!(all.len(), MOST);
        assert!(all.contains_key(&("/".to_owned(), Language::En)), "what is dear stays, however old");
        assert!(all.contains_key(&(format!("/windows/{}", MOST + 4), Language::En)));
    }
}
