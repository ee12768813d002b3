// What was read of a page, as blocks: headings, paragraphs, rows as tables, captions; and where their words stand.
//
// A block is {kind, text, level, title, cells: [[start, end, heading], ...], words: [[x0, y0, x1, y1], ...]}; start and
// end count in its text, a character outside of the first plane as one; boxes are fractions of the page.

const SVG = 'http://www.w3.org/2000/svg';
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

/** The blocks as nodes; each node of a block has its number in `data-block`. */
function blockNodes(blocks) {
  const nodes = [];
  for (let i = 0; i < blocks.length; i += 1) {
    if (blocks[i].kind !== 'row') { nodes.push(blockNode(blocks[i], i)); continue; }
    const first = i;
    while (blocks[i + 1]?.kind === 'row' && blocks[i + 1].title === blocks[first].title) i += 1;
    nodes.push(...tableNodes(blocks.slice(first, i + 1), first));
  }
  return nodes;
}

function blockNode(block, number) {
  const node = make(block.kind === 'heading' ? 'h3' : 'p', `block ${block.kind}`, block.text);
  node.dataset.block = number;
  if (block.kind === 'heading') node.dataset.level = Math.min(block.level, 4);
  return node;
}

function tableNodes(rows, first) {
  const headings = columns(rows);
  const parts = rows.map(row => rowParts(row, headings));
  const width = Math.max(...parts.map(part => part.length));
  const empty = n => Array.from({length: n}, () => make('td'));
  const table = make('table');
  if (headings.length) {
    const line = make('tr');
    const missing = Math.max(0, width - 1 - headings.length);
    line.append(make('td'), ...empty(missing), ...headings.map(heading => Object.assign(make('th', '', heading), {scope: 'col'})));
    table.append(make('thead'));
    table.tHead.append(line);
  }
  const body = make('tbody');
  parts.forEach((part, i) => {
    const line = make('tr', 'block row');
    line.dataset.block = first + i;
    if (part.length === 1) {
      const only = make('td', '', part[0]);
      only.colSpan = width;
      line.append(only);
    } else {
      line.append(make('td', '', part[0]), ...empty(width - part.length), ...part.slice(1).map(text => make('td', 'number', text)));
    }
    body.append(line);
  });
  table.append(body);
  const box = make('div', 'table');
  box.append(table);
  return rows[0].title ? [make('p', 'title', rows[0].title), box] : [box];
}

/** The headings of the columns, where every row has at most one number under each; none where rows differ in that. */
function columns(rows) {
  const found = [];
  for (const {cells} of rows) {
    const own = cells.map(cell => cell[2]);
    if (own.some(heading => !heading) || new Set(own).size < own.length) return [];
    for (const heading of own) if (!found.includes(heading)) found.push(heading);
  }
  return found;
}

/** The text of a row in pieces that leave nothing out: its label, then what leads to the end of each number. */
function rowParts({text, cells}, headings) {
  if (!cells.length) return text.replace(/([$€£(])  +(?=\S)/g, '$1 ').split('  ').map(part => part.trim()).filter(Boolean);
  const signs = [...text];   // start and end count these, not halves of them
  const part = (start, end) => signs.slice(start, end).join('');
  const label = part(0, cells[0][0]).replace(/[\s$€£(]+$/, '');
  let at = [...label].length;
  const pieces = cells.map(([, end, heading], i) => {
    const piece = part(at, i === cells.length - 1 ? signs.length : end).trim();
    at = end;
    return [heading, piece];
  });
  if (!headings.length) return [label, ...pieces.map(piece => piece[1])];
  return [label, ...headings.map(heading => pieces.find(piece => piece[0] === heading)?.[1] ?? '')];
}

/** The places of the words, drawn over the picture: one path a block, in a picture of its own. */
function wordMarks(blocks, figures) {
  const marks = document.createElementNS(SVG, 'svg');
  marks.setAttribute('viewBox', '0 0 1 1');
  marks.setAttribute('preserveAspectRatio', 'none');
  marks.setAttribute('aria-hidden', 'true');
  const path = (boxes, name) => {
    const node = document.createElementNS(SVG, 'path');
    node.setAttribute('class', name);
    node.setAttribute('d', boxes.map(([x0, y0, x1, y1]) => `M${x0} ${y0}H${x1}V${y1}H${x0}Z`).join(''));
    marks.append(node);
    return node;
  };
  for (const box of figures) path([box], 'figure');
  blocks.forEach((block, i) => { if (block.words.length) path(block.words, block.kind).dataset.block = i; });
  return marks;
}
