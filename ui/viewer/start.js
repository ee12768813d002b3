// A page with a question field below keeps its end in view, as a conversation wants. A new chat begins with what there
// is to read, so its top stays in view until the reader scrolls.

class Start {
  constructor(signal) {
    this.isOn = false;
    addEventListener('scroll', event => { if (event.target === this.main) this.hold(); }, {signal, passive: true, capture: true});
    const leave = () => { this.isOn = false; };
    for (const name of ['wheel', 'touchmove', 'keydown', 'mousedown']) addEventListener(name, leave, {signal, passive: true, capture: true});
  }

  get main() { return document.querySelector('.stMain'); }

  /** Begin when a new chat is opened; end when it has its first question. */
  update(isStart) {
    if (isStart !== this.wasStart) this.isOn = isStart;
    this.wasStart = isStart;
    this.hold();
  }

  hold() {
    if (this.isOn && this.main?.scrollTop) this.main.scrollTop = 0;
  }
}
