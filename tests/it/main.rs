//! The capability tests: one binary, one file per subject.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod components;
#[cfg(test)]
mod notify;
#[cfg(test)]
mod support;
