//! What a use case answers when it cannot do what was asked. Few and numbered outside, opaque inside; not the place where
//! errors are logged (that is the edge).

use std::{collections::BTreeMap, time::Duration};

use chinwag_proto::{DecodeError, ErrorCode, Language, Sentence};

/// A refusal or a failure, ready to be told.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", code.as_str(), self.sentence(Language::English))]
pub struct Error {
    pub code: ErrorCode,
    /// More precise than the sentence of the code.
    pub message: Option<Sentence>,
    /// For `invalid`: a sentence for each field that is wrong.
    pub fields: BTreeMap<&'static str, Vec<Sentence>>,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
    /// For the log only.
    #[source]
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What every use case returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What to tell the person.
    pub fn sentence(&self, language: Language) -> String {
        match &self.message {
            Some(message) => message.text(language),
            None => self.code.sentence(language).to_owned(),
        }
    }

    /// The same for whoever has no fields to mark: of several that are wrong, the first.
    pub fn first_sentence(&self, language: Language) -> String {
        self.fields.values().flatten().next().map_or_else(|| self.sentence(language), |first| first.text(language))
    }

    /// The same refusal in other words.
    pub fn with_message(mut self, message: Sentence) -> Self {
        self.message = Some(message);
        self
    }

    /// Too fast: again after `wait`.
    pub fn rate_limited(wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..ErrorCode::RateLimited.into() }
    }

    /// One field is wrong.
    pub fn invalid(field: &'static str, sentence: Sentence) -> Self {
        let mut error = Self::from(ErrorCode::Invalid);
        error.fields.entry(field).or_default().push(sentence);
        error
    }

    /// Something of ours broke.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..ErrorCode::Internal.into() }
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self { code, message: None, fields: BTreeMap::new(), retry_after: None, cause: None }
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self { message: error.message, fields: error.fields, ..error.code.into() }
    }
}

/// Gathers what is wrong with several fields, so that a person hears of all at once.
#[derive(Debug, Default)]
pub struct Faults(BTreeMap<&'static str, Vec<Sentence>>);

impl Faults {
    /// Keeps the value, or notes its faults and gives `None`.
    pub fn take<T>(&mut self, parsed: Result<T>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                for (field, sentences) in error.fields {
                    self.0.entry(field).or_default().extend(sentences);
                }
                None
            }
        }
    }

    /// The refusal that names everything that was noted, if anything was.
    pub fn none(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }

    /// The refusal that names everything that was noted.
    pub fn into_error(self) -> Error {
        Error { fields: self.0, ..ErrorCode::Invalid.into() }
    }
}
