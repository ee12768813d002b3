// How large the pages of a pane are: 1 is as wide as the pane, `whole` is as high. Wheel with Ctrl and two fingers zoom
// around the point they are at; what is chosen is kept in this browser.

const SMALLEST = 0.3;
const LARGEST = 5;
const STEPS = [0.3, 0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5];
const ZOOM_KEPT = 'footnote:zoom';

class Zoom {
  /** changed: called after every change. */
  constructor(pages, changed) {
    this.pages = pages;
    this.view = pages.view;
    this.changed = changed;
    this.pinch = null;
    this.set(localStorage.getItem(ZOOM_KEPT) ?? '1');
    this.view.addEventListener('wheel', e => this.wheeled(e), {passive: false});
    this.view.addEventListener('touchstart', e => this.touched(e), {passive: false});
    this.view.addEventListener('touchmove', e => this.pinched(e), {passive: false});
    for (const name of ['touchend', 'touchcancel']) this.view.addEventListener(name, () => { this.pinch = null; });
  }

  set(zoom) {
    this.whole = zoom === 'page';
    this.factor = this.whole ? 1 : Math.min(LARGEST, Math.max(SMALLEST, +zoom || 1));
    this.view.classList.toggle('whole', this.whole);
    this.view.style.setProperty('--z', this.factor);
  }

  /** How wide a page is, as a share of the pane. */
  get level() {
    if (!this.whole) return this.factor;
    const node = this.pages.pages[this.pages.page - 1];
    const margins = node ? parseFloat(getComputedStyle(node).marginTop) * 2 : 0;
    return node ? node.offsetWidth / (this.view.clientWidth - margins) : 1;
  }

  /** Set the size and keep what is at this point of the window where it is. */
  to(zoom, {x, y, kept = true} = {}) {
    const stays = this.pages.isWhereSent ? this.pages.page : null;
    const spot = this.pages.spot(x, y);
    this.set(zoom);
    this.pages.put(spot);
    this.pages.locate(stays);
    clearTimeout(this.sharpening);
    this.sharpening = setTimeout(() => this.pages.sharpen(), 150);
    if (kept) localStorage.setItem(ZOOM_KEPT, this.whole ? 'page' : String(this.factor));
    this.changed();
  }

  in() { const {level} = this; this.to(STEPS.find(step => step > level * 1.01) ?? LARGEST); }

  out() { const {level} = this; this.to(STEPS.findLast(step => step < level * 0.99) ?? SMALLEST); }

  fitWidth() { this.to(1); }

  fitPage() {
    this.to('page');
    this.pages.go(this.pages.page);
  }

  point(clientX, clientY) {
    const {left, top} = this.view.getBoundingClientRect();
    return {x: clientX - left, y: clientY - top};
  }

  wheeled(event) {
    if (!event.ctrlKey) return;   // two fingers on a pad come as a wheel with Ctrl
    event.preventDefault();
    const by = Math.max(-60, Math.min(60, event.deltaMode ? event.deltaY * 30 : event.deltaY));
    this.to(this.level * Math.exp(-by / 200), this.point(event.clientX, event.clientY));
  }

  touched(event) { if (event.touches.length === 2) this.pinch = {apart: this.apart(event), level: this.level}; }

  apart({touches: [one, other]}) { return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY); }

  pinched(event) {
    if (!this.pinch || event.touches.length !== 2) return;
    event.preventDefault();
    const [one, other] = event.touches;
    this.to((this.pinch.level * this.apart(event)) / this.pinch.apart, this.point((one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2));
  }
}
