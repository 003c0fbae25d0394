// What the page has beside its modules: the library of the charts, and what it leaves on its root for whoever tests it.
declare const uPlot: any;
interface HTMLElement {
  page: any;
}
