"""Every error that Footnote raises on purpose.

    FootnoteError
      InputError               what the user gave cannot be used
        PdfError               a file that cannot be read; names the file
          NotAPdf              no PDF header, zero bytes, another format
          DamagedPdf           a PDF that the parser refuses
          PasswordNeeded       locked, and no password was given
          WrongPassword        locked, and the password does not open it
          NoText               no page has text; OCR is needed
          ParseLimit           reading took too long or too much memory
        QuestionError          an empty or overlong question
        UnknownDocument        no document of that name in the library
        EmptyLibrary           a question to a library without documents
      LibraryError             the library itself
        LibraryBusy            another process is writing
        LibraryDamaged         the catalog cannot be opened
        StorageError           disk full, no write permission
        EncoderMismatch        vectors of another encoder
      ModelError               a language model cannot be loaded or reached, or broke off
      ModelMissing             weights or a package that are not installed
      Cancelled                the user does not want this any more
      Stopped                  the program ends; what is done is kept, and gone on with later

A message says what happened, to which value, and what to do next.
"""

from __future__ import annotations


class FootnoteError(Exception):
    """Base of every error that Footnote raises on purpose."""


class InputError(FootnoteError):
    """What the user gave cannot be used."""


class PdfError(InputError):
    """A file that cannot be read. The message names the file."""


class NotAPdf(PdfError):
    """No PDF header, zero bytes, or another format."""


class DamagedPdf(PdfError):
    """A PDF that the parser refuses."""


class PasswordNeeded(PdfError):
    """The file is locked and no password was given."""


class WrongPassword(PasswordNeeded):
    """The file is locked and the given password does not open it."""


class NoText(PdfError):
    """No page has a text layer: OCR is needed."""


class ParseLimit(PdfError):
    """Reading took more time or memory than is allowed."""


class QuestionError(InputError):
    """The question is empty or too long."""


class UnknownDocument(InputError):
    """The library holds no document of that name."""


class EmptyLibrary(InputError):
    """The library holds no document that can be asked."""


class LibraryError(FootnoteError):
    """Something is wrong with the library itself."""


class LibraryBusy(LibraryError):
    """Another process is writing to this library."""


class LibraryDamaged(LibraryError):
    """The catalog cannot be opened."""


class StorageError(LibraryError):
    """The disk is full, or the folder cannot be written."""


class EncoderMismatch(LibraryError):
    """The library's vectors were made by another encoder."""


class ModelError(FootnoteError):
    """A language model cannot be loaded or reached, or broke off in the middle."""


class ModelMissing(FootnoteError):
    """Weights, or an optional package, are not installed."""


class Cancelled(FootnoteError):
    """The user does not want this work any more."""


class Stopped(FootnoteError):
    """The program ends: what is done is kept, and `Library.resume` goes on with it."""
