//! Forms as data: the dictionary, its conditions and checks, and typed answers.
