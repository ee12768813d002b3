import errno
import unicodedata
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from ingest_pdfs import SENTENCES, make, prose, rewritten

from rag.errors import Cancelled, DamagedPdf, NotAPdf, PasswordNeeded, StorageError, WrongPassword
from rag.ingest.copying import make_readable_copy
from rag.ingest.files.pdf import unlock

ALGORITHMS = ("RC4-40", "RC4-128", "AES-128", "AES-256")


def locked(folder: Path, algorithm: str, user: str, owner: str = "owner") -> Path:
    plain = make(folder / "plain.pdf", prose(), prose())
    return rewritten(
        plain, folder / "locked.pdf", lambda writer: writer.encrypt(user, owner_password=owner, algorithm=algorithm)
    )


def text_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    text = document[0].get_textpage().get_text_range()
    document.close()
    return text


def copy(source: Path, target: Path, password: str | None = None) -> None:
    make_readable_copy(source, target, name="Cape Mornay.pdf", password=password)


def test_a_file_that_is_not_encrypted_is_copied_byte_for_byte(tmp_path: Path) -> None:
    source = make(tmp_path / "a.pdf", prose())
    copy(source, tmp_path / "copy.pdf")
    assert (tmp_path / "copy.pdf").read_bytes() == source.read_bytes()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_locked_file_opens_without_password_in_our_copy(tmp_path: Path, algorithm: str) -> None:
    source = locked(tmp_path, algorithm, "sesame")
    copy(source, tmp_path / "copy.pdf", "sesame")
    reader = pypdf.PdfReader(tmp_path / "copy.pdf")
    assert not reader.is_encrypted
    assert len(reader.pages) == 2
    assert SENTENCES[0] in text_of(tmp_path / "copy.pdf")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_file_with_an_owner_password_alone_needs_none(tmp_path: Path, algorithm: str) -> None:
    copy(locked(tmp_path, algorithm, ""), tmp_path / "copy.pdf")
    assert not pypdf.PdfReader(tmp_path / "copy.pdf").is_encrypted
    assert SENTENCES[0] in text_of(tmp_path / "copy.pdf")


def test_without_password_the_message_says_how_to_give_it(tmp_path: Path) -> None:
    with pytest.raises(PasswordNeeded, match=r"Cape Mornay\.pdf is locked.*--password.*Library page") as raised:
        copy(locked(tmp_path, "AES-256", "sesame"), tmp_path / "copy.pdf")
    assert not isinstance(raised.value, WrongPassword)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["locked.pdf", "plain.pdf"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_wrong_password_is_told_from_a_missing_one(tmp_path: Path, algorithm: str) -> None:
    with pytest.raises(WrongPassword, match="does not open it"):
        copy(locked(tmp_path, algorithm, "sesame"), tmp_path / "copy.pdf", "open")


@pytest.mark.parametrize("content", [b"", b"Dear Sir,\n", b"\x89PNG\r\n", b" " * 2000 + b"%PDF-1.7\n"])
def test_what_does_not_begin_like_a_pdf_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.pdf").write_bytes(content)
    with pytest.raises(NotAPdf, match=r"Cape Mornay\.pdf"):
        copy(tmp_path / "a.pdf", tmp_path / "copy.pdf")
    assert not (tmp_path / "copy.pdf").exists()


def test_bytes_before_the_header_are_forgiven(tmp_path: Path) -> None:
    source = make(tmp_path / "a.pdf", prose())
    source.write_bytes(b"\n\n" + source.read_bytes())
    copy(source, tmp_path / "copy.pdf")
    assert (tmp_path / "copy.pdf").read_bytes() == source.read_bytes()


PASSWORDS = ("pässwörd", "пароль", "パスワード", "ﬁn\u00adal", "Ⅸ", "a\u0308b", "x" * 40, "é" * 70)


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256-R5", "AES-256"])
def test_passwords_in_any_letters_open_as_that_of_the_owner_does(tmp_path: Path, algorithm: str) -> None:
    for password in PASSWORDS:
        source = locked(tmp_path, algorithm, password)
        for given in (password, "owner"):
            unlock(source, tmp_path / "copy.pdf", name="Cape Mornay.pdf", password=given)
            assert SENTENCES[0] in text_of(tmp_path / "copy.pdf"), (password, given)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_password_opens_however_its_letters_are_put_together(tmp_path: Path, form: str) -> None:
    source = locked(tmp_path, "RC4-128", unicodedata.normalize("NFC" if form == "NFD" else "NFD", "Schlüssel"))
    copy(source, tmp_path / "copy.pdf", unicodedata.normalize(form, "Schlüssel"))
    assert SENTENCES[0] in text_of(tmp_path / "copy.pdf")


def test_a_damaged_encrypted_file_is_told_and_leaves_no_copy(tmp_path: Path) -> None:
    source = locked(tmp_path, "AES-256", "sesame")
    source.write_bytes(source.read_bytes()[:700] + b" /Encrypt ")
    with pytest.raises(DamagedPdf, match=r"Cape Mornay\.pdf is damaged"):
        copy(source, tmp_path / "copy.pdf", "sesame")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["locked.pdf", "plain.pdf"]


def test_a_file_that_only_speaks_of_encryption_is_the_same_after_copying(tmp_path: Path) -> None:
    source = make(tmp_path / "a.pdf", prose())
    source.write_bytes(source.read_bytes().replace(b"%PDF-1.3", b"%PDF-1.3 % no /Encrypt here", 1))
    copy(source, tmp_path / "copy.pdf")
    assert (tmp_path / "copy.pdf").read_bytes() == source.read_bytes()


def test_copying_stops_when_it_is_not_wanted_any_more(tmp_path: Path) -> None:
    source = make(tmp_path / "a.pdf", prose())
    with pytest.raises(Cancelled):
        make_readable_copy(source, tmp_path / "copy.pdf", name="a.pdf", password=None, is_cancelled=lambda: True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_a_missing_file_and_a_missing_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        copy(tmp_path / "none.pdf", tmp_path / "copy.pdf")
    source = make(tmp_path / "a.pdf", prose())
    with pytest.raises(StorageError, match="could not be copied"):
        copy(source, tmp_path / "no" / "folder" / "copy.pdf")


def test_a_full_disk_leaves_no_copy_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make(tmp_path / "a.pdf", prose())

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match=r"disk is full.*Free some space"):
        copy(source, tmp_path / "copy.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
