//! ListObjectsV2: a page of the keys, with those below a delimiter rolled up.

use super::{ApiError, Object, S3, Time};

/// What a listing asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) prefix: String,
    /// Empty where none was given.
    pub(crate) delimiter: String,
    /// Keys up to and including this one are left out.
    pub(crate) after: String,
    /// How many keys and rolled-up prefixes there may be together.
    pub(crate) most: usize,
}

/// A page of a listing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Page<'a> {
    pub(crate) objects: Vec<(&'a str, Time, &'a Object)>,
    /// `CommonPrefixes`.
    pub(crate) prefixes: Vec<String>,
    /// Where the next page goes on, if there is one: the last key that this one took account of.
    pub(crate) next_after: Option<String>,
}

impl S3 {
    pub(crate) fn list(&self, bucket: &str, listing: &Listing) -> Result<Page<'_>, ApiError> {
        let bucket = self.bucket(bucket)?;
        let mut page = Page::default();
        let mut last: Option<&str> = None;
        for (key, versions) in &bucket.keys {
            let Some(version) = versions.last() else {
                continue;
            };
            let Some(object) = &version.object else {
                continue;
            };
            if !key.starts_with(&listing.prefix) || *key <= listing.after {
                continue;
            }
            let rolled = listing.rolled_up(key);
            // A prefix that the former page had last, or that this one has, counts once.
            if let Some(prefix) = rolled
                && (listing.after.starts_with(prefix)
                    || page.prefixes.last().is_some_and(|known| known == prefix))
            {
                last = Some(key);
                continue;
            }
            if page.objects.len() + page.prefixes.len() >= listing.most {
                page.next_after = last.map(String::from);
                break;
            }
            match rolled {
                Some(prefix) => page.prefixes.push(prefix.into()),
                None => page.objects.push((key, version.modified, object)),
            }
            last = Some(key);
        }
        Ok(page)
    }
}

impl Listing {
    /// The part of a key that stands for all keys which have it: up to the first delimiter after
    /// the prefix.
    fn rolled_up<'a>(&self, key: &'a str) -> Option<&'a str> {
        if self.delimiter.is_empty() {
            return None;
        }
        let at = key.get(self.prefix.len()..)?.find(&self.delimiter)?;
        key.get(..self.prefix.len() + at + self.delimiter.len())
    }
}
