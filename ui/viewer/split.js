// One view of a document, or two beside each other (below each other where it is narrow). One of them is the active
// one: the bar, the outline and the search mean that.

class Split {
  /** tell: {moved(pane), opened(pane), zoomed(), activated()}. */
  constructor(node, papers, tell) {
    this.node = node;
    this.papers = papers;
    this.tell = tell;
    this.panes = [];
    this.active = this.add();
  }

  get isSplit() { return this.panes.length > 1; }

  get other() { return this.panes.find(pane => pane !== this.active); }

  add() {
    const pane = new Pages(this.papers, this.tell);
    pane.zoom = new Zoom(pane, () => this.tell.zoomed());
    for (const name of ['pointerdown', 'focusin', 'wheel']) {
      pane.node.addEventListener(name, () => this.activate(pane), {passive: true});
    }
    pane.shut.addEventListener('click', () => this.close(pane));
    this.panes.push(pane);
    this.node.append(pane.node);
    this.dress();
    return pane;
  }

  activate(pane) {
    if (this.active === pane || !this.panes.includes(pane)) return;
    this.active = pane;
    this.dress();
    this.tell.activated();
  }

  /** The pane in which a document is to be shown: the one that shows it, else the one that was not looked at last. */
  paneFor(doc) { return this.panes.find(pane => pane.wanted === doc) ?? this.other ?? this.active; }

  /** Take a pane away; without one, all but the active. */
  close(pane = this.other) {
    if (!this.isSplit) return;
    const had = pane.node.contains(this.node.getRootNode().activeElement);
    this.panes = this.panes.filter(left => left !== pane);
    pane.destroy();
    [this.active] = this.panes;
    this.dress();
    if (had) this.active.view.focus({preventScroll: true});
    this.tell.activated();
  }

  dress() {
    this.node.classList.toggle('two', this.isSplit);
    for (const pane of this.panes) pane.node.classList.toggle('active', pane === this.active);
  }

  destroy() { for (const pane of this.panes) pane.destroy(); }
}
