//! Enums whose members have a stored code and a label for people.
//! Must not know what any of them means.

/// Defines a fieldless enum with a stable code and a label for each member.
///
/// Gives `ALL`, `as_str`, `label`, `FromStr`, `Display` (the label) and serde as the code.
/// A code is stored and sent, so it is added to, never renamed.
macro_rules! coded {
    (
        $(#[$outer:meta])*
        pub enum $name:ident { $( $(#[$inner:meta])* $member:ident = $code:literal, $label:literal; )+ }
    ) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $( $(#[$inner])* $member, )+ }

        impl $name {
            /// Every member, in the order it is declared.
            pub const ALL: &'static [Self] = &[ $( Self::$member, )+ ];

            /// The stored code.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$member => $code, )+ }
            }

            /// The words a person reads.
            pub const fn label(self) -> &'static str {
                match self { $( Self::$member => $label, )+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.label())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::code::UnknownCode;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|member| member.as_str() == text)
                    .ok_or_else(|| $crate::domain::code::UnknownCode {
                        kind: stringify!($name),
                        known: Self::ALL.iter().map(|member| member.as_str()).collect(),
                    })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use coded;

/// A code that is not one of its list. Says what would be right, and does not repeat what came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCode {
    /// The list the code was looked for in.
    pub kind: &'static str,
    /// The codes of that list.
    pub known: Vec<&'static str>,
}

impl std::fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "must be one of {}", self.known.join(", "))
    }
}

impl std::error::Error for UnknownCode {}
