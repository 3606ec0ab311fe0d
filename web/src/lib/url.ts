/** The browser's own, for a library that brings another. */
export default URL;
