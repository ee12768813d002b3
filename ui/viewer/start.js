// A page with a question field below keeps its end in view, as a conversation wants. A new chat begins with what there
// is to read, so its top stays in view until the reader scrolls. A reader who scrolls up leaves the end: where that
// happens in the frame in which a line is added, Streamlit (1.67) takes it for the line's doing and goes back.

class Start {
  constructor(signal) {
    this.isOn = false;
    this.hasLeft = false;   // the reader scrolled up, and did nothing else since
    const listen = (name, heard) => addEventListener(name, heard, {signal, passive: true, capture: true});
    signal.addEventListener('abort', () => { if (this.guarded) delete this.guarded.scrollTop; });
    listen('scroll', event => { if (event.target === this.main) this.hold(); });
    for (const name of ['wheel', 'touchmove', 'keydown', 'mousedown']) listen(name, event => { this.isOn = false; this.leave(event); });
  }

  get main() { return document.querySelector('.stMain'); }

  /** Begin when a new chat is opened; end when it has its first question. */
  update(isStart) {
    if (isStart !== this.wasStart) this.isOn = isStart;
    this.wasStart = isStart;
    this.guard();
    this.hold();
  }

  /** 2026-11, Streamlit 1.67 moves to the end by writing to `scrollTop`, frame by frame: what it writes is let pass
      only where the end is to be seen. Putting the page back after each frame would flicker. */
  guard() {
    const main = this.main;
    if (!main || main === this.guarded) return;
    this.guarded = main;
    const {get, set} = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollTop');
    Object.defineProperty(main, 'scrollTop', {
      configurable: true,
      get: () => get.call(main),
      set: value => {
        const isHeld = (this.isOn && value) || (this.hasLeft && value > get.call(main));
        if (!isHeld) set.call(main, value);
      },
    });
  }

  leave(event) {
    this.hasLeft = event.type === 'wheel' && event.deltaY < 0 && !!this.main?.contains(event.target);
  }

  hold() {
    if (this.isOn && this.main?.scrollTop) this.main.scrollTop = 0;
  }
}
