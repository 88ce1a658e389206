//! The directory that holds everything: made at the first start, for its owner only, with the server's secret and a lock that
//! keeps a second server out. It knows nothing of the database in it.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use chinwag_domain::ports::random_bytes;

/// Tries of a disk's speed: the first alone may be luck.
const SYNCS: usize = 8;

/// Why the directory cannot be used; says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    #[error(
        "the data directory {0} cannot be used: {1}. Make it writable for this user, or choose another with --data-dir."
    )]
    Unusable(PathBuf, io::Error),
    #[error(
        "there is no data directory {0} yet. Start the server once (chinwag serve), which makes it, or say with --data-dir which one it uses."
    )]
    Missing(PathBuf),
    #[error("another Chinwag is using the data directory {0}. Stop it, or choose another directory with --data-dir.")]
    Locked(PathBuf),
    #[error(
        "the data directory {0} belongs to the user with id {1}, who could not use what root makes there. Run this as that user: sudo -u '#{1}' chinwag …"
    )]
    NotRoots(PathBuf, u32),
    #[error(
        "the secret {0} is damaged: it must be 32 bytes. Restore it from a backup; or delete it: then everybody's access tokens end and are renewed by their logins."
    )]
    DamagedSecret(PathBuf),
}

/// An opened data directory.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
}

/// Kept by the one server of a data directory, for as long as it runs.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl DataDir {
    /// Makes the directory where it is missing, and proves that it can be written.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        let unusable = |e| DataDirError::Unusable(path.to_owned(), e);
        if !path.exists() {
            DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        }
        let path = path.canonicalize().map_err(unusable)?;
        let dir = Self { path };
        dir.check_writable().map_err(unusable)?;
        Ok(dir)
    }

    /// The directory of a server, which has made it; for whoever only looks after it.
    pub fn find(path: &Path) -> Result<Self, DataDirError> {
        if path.exists() { Self::open(path) } else { Err(DataDirError::Missing(path.to_owned())) }
    }

    /// Whether [`DataDir::open`] could make the directory, which is not there. Leaves nothing behind.
    pub fn probe(path: &Path) -> Result<(), DataDirError> {
        let unusable = |e| DataDirError::Unusable(path.to_owned(), e);
        let absolute = std::path::absolute(path).map_err(unusable)?;
        let parent = absolute.ancestors().skip(1).find(|parent| parent.exists()).unwrap_or(Path::new("/"));
        let probe = parent.join(format!("probe.{}", std::process::id()));
        fs::create_dir(&probe).and_then(|()| fs::remove_dir(&probe)).map_err(unusable)
    }

    /// Takes the directory for this process alone.
    pub fn lock(&self) -> Result<Lock, DataDirError> {
        let unusable = |e| DataDirError::Unusable(self.path.clone(), e);
        let path = self.path.join("lock");
        let file =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(DataDirError::Locked(self.path.clone())),
            Err(TryLockError::Error(e)) => Err(unusable(e)),
        }
    }

    /// Whether a server has the directory. Leaves nothing behind, whoever asks.
    pub fn is_locked(&self) -> bool {
        let file = OpenOptions::new().write(true).open(self.path.join("lock"));
        file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.path.join("chinwag.db")
    }

    /// What signs the access tokens; made at the first start. The same over restarts.
    pub fn secret(&self) -> Result<[u8; 32], DataDirError> {
        match self.kept_secret()? {
            Some(secret) => Ok(secret),
            None => self.make_secret(&self.secret_path()).map_err(|e| DataDirError::Unusable(self.path.clone(), e)),
        }
    }

    /// The same, where a start made one here.
    pub fn kept_secret(&self) -> Result<Option<[u8; 32]>, DataDirError> {
        let path = self.secret_path();
        match fs::read(&path) {
            Ok(bytes) => bytes.try_into().map(Some).map_err(|_| DataDirError::DamagedSecret(path)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(DataDirError::Unusable(self.path.clone(), e)),
        }
    }

    /// Keeps the secret that nodes had in their database, in the place of one that may be here.
    pub fn keep_secret(&self, secret: [u8; 32]) -> Result<(), DataDirError> {
        let keep = || {
            let draft = self.path.join(format!("secret.{}", std::process::id()));
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
            file.write_all(&secret)?;
            file.sync_all()?;
            fs::rename(&draft, self.secret_path())?;
            File::open(&self.path)?.sync_all()
        };
        keep().map_err(|e| DataDirError::Unusable(self.path.clone(), e))
    }

    fn secret_path(&self) -> PathBuf {
        self.path.join("secret")
    }

    /// Complete and synced before it has its name: a crash leaves no half of a secret. A link fails where another process was
    /// first, and then that one's secret is the secret.
    fn make_secret(&self, path: &Path) -> io::Result<[u8; 32]> {
        let draft = self.path.join(format!("secret.{}", std::process::id()));
        let secret: [u8; 32] = random_bytes();
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(&secret)?;
        file.sync_all()?;
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft)?;
        match linked {
            Ok(()) => {
                File::open(&self.path)?.sync_all()?;
                Ok(secret)
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                fs::read(path)?.try_into().map_err(|_| io::Error::other("the secret is damaged"))
            }
            Err(e) => Err(e),
        }
    }

    /// The name of this node, kept from its first start on where none is `given`, and a number that is greater after each start, whatever
    /// the clock says.
    pub fn begin_node(&self, given: Option<&str>, now: i64) -> Result<(String, u64), DataDirError> {
        let path = self.path.join("node");
        let kept = fs::read_to_string(&path).unwrap_or_default();
        let mut lines = kept.lines();
        let name = lines.next().filter(|name| !name.is_empty()).map(str::to_owned);
        let last = lines.next().and_then(|start| start.parse::<u64>().ok()).unwrap_or_default();
        let fresh = || format!("node-{:08x}", u32::from_be_bytes(random_bytes()));
        let name = given.map(str::to_owned).or(name).unwrap_or_else(fresh);
        let start = u64::try_from(now).unwrap_or_default().max(last + 1);
        self.keep_node(&path, &format!("{name}\n{start}\n"))
            .map_err(|e| DataDirError::Unusable(self.path.clone(), e))?;
        Ok((name, start))
    }

    fn keep_node(&self, path: &Path, text: &str) -> io::Result<()> {
        let draft = self.path.join(format!("node.{}", std::process::id()));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    }

    fn check_writable(&self) -> io::Result<()> {
        let probe = self.path.join(format!("probe.{}", std::process::id()));
        File::create(&probe)?.write_all(b"probe")?;
        fs::remove_file(probe)
    }

    /// How long the disk takes to make a page of a file durable, which every commit waits for: the worst of a few tries.
    pub fn sync_time(&self) -> io::Result<Duration> {
        let path = self.path.join(format!("probe.{}", std::process::id()));
        let worst = Self::slowest_sync(&mut File::create(&path)?);
        fs::remove_file(path)?;
        worst
    }

    fn slowest_sync(file: &mut File) -> io::Result<Duration> {
        let mut worst = Duration::ZERO;
        for _ in 0..SYNCS {
            let begun = Instant::now();
            file.write_all(&[0; 4096])?;
            file.sync_data()?;
            worst = worst.max(begun.elapsed());
        }
        Ok(worst)
    }

    /// Refuses the system's administrator in a directory of somebody else, who could not use the files that are left.
    pub fn refuse_root_as_guest(&self) -> Result<(), DataDirError> {
        let owner = fs::metadata(&self.path).map_err(|e| DataDirError::Unusable(self.path.clone(), e))?.uid();
        if rustix::process::geteuid().is_root() && owner != 0 {
            return Err(DataDirError::NotRoots(self.path.clone(), owner));
        }
        Ok(())
    }

    /// Whether others than the owner can look in.
    pub fn is_readable_by_others(&self) -> io::Result<bool> {
        Ok(fs::metadata(&self.path)?.permissions().mode() & 0o077 != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("metadata").permissions().mode() & 0o777
    }

    #[test]
    fn directory_and_secret_are_for_the_owner_only_and_the_secret_stays() {
        let parent = tempfile::tempdir().expect("a directory");
        let path = parent.path().join("a/b");
        let dir = DataDir::open(&path).expect("a data directory");
        assert_eq!(dir.kept_secret().expect("looked"), None);
        let secret = dir.secret().expect("a secret");
        assert_eq!(dir.kept_secret().expect("looked"), Some(secret));
        assert_eq!((mode(&path), mode(&path.join("secret"))), (0o700, 0o600));
        assert_eq!(DataDir::open(&path).expect("again").secret().expect("a secret"), secret);
        assert_ne!(secret, [0; 32]);
        dir.keep_secret([7; 32]).expect("kept");
        assert_eq!((dir.secret().expect("a secret"), mode(&path.join("secret"))), ([7; 32], 0o600));
        assert!(dir.sync_time().expect("it was tried") > Duration::ZERO);
        let left: Vec<_> = fs::read_dir(&path).expect("a listing").flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left, ["secret"], "no drafts, no probes");
    }

    #[test]
    fn a_node_keeps_its_name_and_counts_its_starts_whatever_the_clock_says() {
        let parent = tempfile::tempdir().expect("a directory");
        let dir = DataDir::open(parent.path()).expect("a data directory");
        let (name, first) = dir.begin_node(None, 1_000).expect("a start");
        assert!(name.starts_with("node-") && first == 1_000, "{name}");
        assert_eq!(dir.begin_node(None, 2_000).expect("a start"), (name.clone(), 2_000));
        assert_eq!(dir.begin_node(None, 500).expect("a start"), (name, 2_001), "a clock that was set back");
        assert_eq!(dir.begin_node(Some("east"), 600).expect("a start"), ("east".to_owned(), 2_002));
        fs::write(parent.path().join("node"), "\u{0}").expect("a file");
        assert_eq!(
            dir.begin_node(Some("east"), 600).expect("a start"),
            ("east".to_owned(), 600),
            "what is damaged is made anew"
        );
    }

    #[test]
    fn a_second_server_is_kept_out_until_the_first_is_gone() {
        let parent = tempfile::tempdir().expect("a directory");
        let dir = DataDir::open(parent.path()).expect("a data directory");
        let lock = dir.lock().expect("the lock");
        let sentence = dir.lock().expect_err("a refusal").to_string();
        assert!(sentence.contains("another Chinwag") && sentence.contains("--data-dir"), "{sentence}");
        drop(lock);
        dir.lock().expect("the lock is free again");
    }

    #[test]
    fn a_file_in_the_way_is_one_sentence_that_says_what_to_do() {
        let parent = tempfile::tempdir().expect("a directory");
        let path = parent.path().join("file");
        fs::write(&path, "x").expect("a file");
        let sentence = DataDir::open(&path).expect_err("a refusal").to_string();
        assert!(sentence.contains("file") && sentence.contains("--data-dir") && !sentence.contains('\n'), "{sentence}");
    }

    #[test]
    fn a_damaged_secret_is_refused() {
        let parent = tempfile::tempdir().expect("a directory");
        let dir = DataDir::open(parent.path()).expect("a data directory");
        fs::write(parent.path().join("secret"), "short").expect("a file");
        assert!(matches!(dir.secret(), Err(DataDirError::DamagedSecret(_))));
    }
}
