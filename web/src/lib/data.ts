/** The page's first data, which the server put into the page. */

/** The JSON of `<script type="application/json" id="data">`. */
export function pageData<T>(id = "data"): T {
  const element = document.getElementById(id);
  if (!element?.textContent) {
    throw new Error(`The page carries no #${id}`);
  }
  return JSON.parse(element.textContent) as T;
}
