//! The last bytes of public pages, also kept on disk, so that a server that finds no database at
//! its start still shows the notice.

use std::collections::HashMap;
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::language::Language;
use crate::domain::secret;

/// How many pages are kept at most.
const MOST: usize = 200;

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

    /// Keeps a page, in place of what was kept of it before. Blocks; a server goes on without if the
    /// disk does not take it.
    pub fn keep(&self, path: &str, language: Language, page: &[u8]) -> io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let file = self.file(path, language);
        if !file.exists() && std::fs::read_dir(&self.folder)?.count() >= MOST {
            return Ok(());
        }
        let title = Title { path: path.to_owned(), language: language.code().to_owned() };
        let mut new = tempfile::NamedTempFile::new_in(&self.folder)?;
        new.write_all(serde_json::to_string(&title)?.as_bytes())?;
        new.write_all(b"\n")?;
        new.write_all(page)?;
        // Half a page must never be found, not even after a power cut.
        new.as_file().sync_data()?;
        new.persist(file).map_err(|e| e.error)?;
        Ok(())
    }

    /// Everything that is kept; what cannot be read is left out.
    pub fn all(&self) -> HashMap<(String, Language), Vec<u8>> {
        let Ok(files) = std::fs::read_dir(&self.folder) else { return HashMap::new() };
        files.flatten().filter_map(|file| read(&file.path())).collect()
    }
}

fn read(file: &Path) -> Option<((String, Language), Vec<u8>)> {
    let mut reader = io::BufReader::new(std::fs::File::open(file).ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let title: Title = serde_json::from_str(&line).ok()?;
    let mut page = Vec::new();
    reader.read_to_end(&mut page).ok()?;
    Some(((title.path, Language::from_code(&title.language)?), page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let kept = KeptPages::in_data_folder(folder.path());
        assert!(kept.all().is_empty());
        kept.keep("/", Language::En, b"old").unwrap();
        kept.keep("/", Language::En, "new\nand 新".as_bytes()).unwrap();
        kept.keep("/", Language::ZhCn, b"other").unwrap();
        std::fs::write(folder.path().join("kept-pages/damaged"), b"\xff").unwrap();
        let all = kept.all();
        assert_eq!(all.len(), 2);
        assert_eq!(all[&("/".to_owned(), Language::En)], "new\nand 新".as_bytes());
        kept.forget("/", Language::En).unwrap();
        kept.forget("/", Language::En).unwrap();
        assert_eq!(kept.all().len(), 1);
    }

    #[test]
    fn there_is_an_end_to_what_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let kept = KeptPages::in_data_folder(folder.path());
        for n in 0..MOST + 5 {
            kept.keep(&format!("/windows/{n}"), Language::En, b"x").unwrap();
        }
        assert_eq!(kept.all().len(), MOST);
        kept.keep("/windows/0", Language::En, b"y").unwrap();
        assert_eq!(kept.all()[&("/windows/0".to_owned(), Language::En)], b"y");
    }
}
