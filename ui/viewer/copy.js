// Copying an answer, without a rerun. A link #copy-answer stands in an element .fn-copying, beside what it copies, both
// hidden: .fn-rich, whose HTML goes to programs that take it, and .fn-plain, whose text goes to all others.

const COPY = 'a[href$="#copy-answer"]';
const COPIED_MS = 2000;

/** Hear clicks on those links, anywhere in the app, until the signal is aborted. */
function listenForCopies(signal) {
  const linkOf = event => event.target.closest?.(COPY);
  document.addEventListener('click', event => {
    const link = linkOf(event);
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    copyBeside(link);
  }, {capture: true, signal});
  document.addEventListener('keydown', event => {   // it says that it is a button: the space bar presses it
    const link = event.key === ' ' && linkOf(event);
    if (!link) return;
    event.preventDefault();
    link.click();
  }, {capture: true, signal});
}

async function copyBeside(link) {
  const beside = link.closest('.fn-copying');
  const plain = beside.querySelector('.fn-plain').textContent;
  const rich = beside.querySelector('.fn-rich').innerHTML;
  const isCopied = await writeBoth(plain, rich).catch(() => false) || writeByCommand(plain, rich);
  const label = link.querySelector('[aria-live]');
  clearTimeout(link.copying);
  label.textContent = isCopied ? 'Copied' : 'Not copied: the browser forbids it';
  link.copying = setTimeout(() => { label.textContent = 'Copy'; }, COPIED_MS);
}

async function writeBoth(plain, rich) {
  const as = (text, type) => new Blob([text], {type});
  await navigator.clipboard.write([
    new ClipboardItem({'text/plain': as(plain, 'text/plain'), 'text/html': as(rich, 'text/html')})]);
  return true;
}

/** The older way: where the page is not served from this computer or by https, there is no other. */
function writeByCommand(plain, rich) {
  let isWritten = false;
  const write = event => {
    event.clipboardData.setData('text/plain', plain);
    event.clipboardData.setData('text/html', rich);
    event.preventDefault();
    isWritten = true;
  };
  document.addEventListener('copy', write, {capture: true, once: true});
  document.execCommand('copy');
  document.removeEventListener('copy', write, {capture: true});
  return isWritten;
}
