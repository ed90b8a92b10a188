//! Rows of which a part is sealed. `sealed_row!` makes two structs of one list: the one that everybody uses, in
//! clear, and the one that lies in the database, where each sealed value is bound to its table, column and row,
//! and each mark is a keyed index by which rows are found without being read. Must not know what is sealed.

use chrono::NaiveDate;

use super::seal::{Damaged, Keyring};
use super::{Conn, StoreError};

/// A value that can be kept sealed.
pub(super) trait Sealable: Sized {
    /// As the database holds it.
    type Kept;
    fn seal(&self, keys: &Keyring, place: Place<'_>) -> Self::Kept;
    fn open(kept: &Self::Kept, keys: &Keyring, place: Place<'_>) -> Result<Self, Damaged>;
}

/// Where a sealed value belongs.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub table: &'static str,
    pub column: &'static str,
    pub row: &'a str,
}

impl Sealable for String {
    type Kept = Vec<u8>;

    fn seal(&self, keys: &Keyring, at: Place<'_>) -> Vec<u8> {
        keys.seal_bytes(at.table, at.column, at.row, self.as_bytes())
    }

    fn open(kept: &Vec<u8>, keys: &Keyring, at: Place<'_>) -> Result<Self, Damaged> {
        let plain = keys.open_bytes(at.table, at.column, at.row, kept)?;
        String::from_utf8(plain).map_err(|_| Damaged)
    }
}

impl Sealable for NaiveDate {
    type Kept = Vec<u8>;

    fn seal(&self, keys: &Keyring, at: Place<'_>) -> Vec<u8> {
        self.to_string().seal(keys, at)
    }

    fn open(kept: &Vec<u8>, keys: &Keyring, at: Place<'_>) -> Result<Self, Damaged> {
        String::open(kept, keys, at)?.parse().map_err(|_| Damaged)
    }
}

impl<T: Sealable> Sealable for Option<T> {
    type Kept = Option<T::Kept>;

    fn seal(&self, keys: &Keyring, at: Place<'_>) -> Self::Kept {
        self.as_ref().map(|value| value.seal(keys, at))
    }

    fn open(kept: &Self::Kept, keys: &Keyring, at: Place<'_>) -> Result<Self, Damaged> {
        kept.as_ref()
            .map(|value| T::open(value, keys, at))
            .transpose()
    }
}

/// A row as the database holds it.
pub(super) trait SealedRow {
    type Open;
    /// The row in clear; an error when something in it is not as it was written.
    fn open(&self, keys: &Keyring) -> Result<Self::Open, StoreError>;
    /// The row with nothing of what is sealed, for a list that must show its other rows.
    fn unread(&self) -> Self::Open;
}

/// One row that was looked up.
pub(super) fn opened<R: SealedRow>(
    conn: &Conn,
    row: Option<R>,
) -> Result<Option<R::Open>, StoreError> {
    row.map(|row| row.open(conn.keys())).transpose()
}

/// Each of several rows.
pub(super) fn all_opened<R: SealedRow>(
    conn: &Conn,
    rows: Vec<R>,
) -> Result<Vec<R::Open>, StoreError> {
    rows.into_iter().map(|row| row.open(conn.keys())).collect()
}

/// See the module's account. `marked` gives each keyed index with the function that makes it.
macro_rules! sealed_row {
    (
        $(#[$meta:meta])*
        pub struct $open:ident, $row:ident of $table:ident {
            plain { $( $(#[$plain_meta:meta])* $plain:ident: $plain_type:ty, )* }
            sealed { $( $(#[$sealed_meta:meta])* $sealed:ident: $sealed_type:ty, )* }
            marked { $( $mark:ident: $mark_type:ty = $make:expr, )* }
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $open {
            $( $(#[$plain_meta])* pub $plain: $plain_type, )*
            $( $(#[$sealed_meta])* pub $sealed: $sealed_type, )*
        }

        /// The same as the database holds it.
        #[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
        #[diesel(treat_none_as_default_value = false)]
        #[diesel(table_name = $table)]
        #[diesel(treat_none_as_null = true)]
        struct $row {
            $( $plain: $plain_type, )*
            $( $sealed: <$sealed_type as $crate::store::sealed::Sealable>::Kept, )*
            $( $mark: $mark_type, )*
        }

        impl $open {
            fn seal(&self, keys: &$crate::store::seal::Keyring) -> $row {
                $row {
                    $( $plain: self.$plain.clone(), )*
                    $( $sealed: $crate::store::sealed::Sealable::seal(
                        &self.$sealed,
                        keys,
                        $crate::store::sealed::Place {
                            table: stringify!($table),
                            column: stringify!($sealed),
                            row: &self.id,
                        },
                    ), )*
                    $( $mark: ($make)(self, keys), )*
                }
            }
        }

        impl $crate::store::sealed::SealedRow for $row {
            type Open = $open;

            fn unread(&self) -> $open {
                $open {
                    $( $sealed: Default::default(), )*
                    $( $plain: self.$plain.clone(), )*
                }
            }

            fn open(
                &self,
                keys: &$crate::store::seal::Keyring,
            ) -> Result<$open, $crate::store::StoreError> {
                let damaged = |_| $crate::store::StoreError::Damaged {
                    table: stringify!($table),
                    row: self.id.clone(),
                };
                $( let $sealed = $crate::store::sealed::Sealable::open(
                    &self.$sealed,
                    keys,
                    $crate::store::sealed::Place {
                        table: stringify!($table),
                        column: stringify!($sealed),
                        row: &self.id,
                    },
                )
                .map_err(damaged)?; )*
                Ok($open {
                    $( $sealed, )*
                    $( $plain: self.$plain.clone(), )*
                })
            }
        }
    };
}
pub(super) use sealed_row;
