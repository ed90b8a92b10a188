//! The capability tests: one binary, one file per subject.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod components;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod notify;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
