/** Style and mistakes of the page's modules; their types are tsconfig.json's. */
import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    files: ["tasks/static/**/*.js", "realtime/static/**/*.js"],
    languageOptions: { globals: globals.browser },
    rules: {
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "max-lines": ["error", 350],
      "max-lines-per-function": ["error", 40],
      "no-restricted-properties": [
        "error",
        { object: "crypto", property: "randomUUID", message: "Only in secure contexts: use uuid() of core/ids.js." },
        { object: "navigator", property: "clipboard", message: "Only in secure contexts." },
        { object: "navigator", property: "locks", message: "Only in secure contexts." },
        { object: "crypto", property: "subtle", message: "Only in secure contexts." },
      ],
      "no-restricted-syntax": ["error", { selector: "TemplateLiteral TemplateLiteral", message: "Minifying removes blanks from the inner one." }],
      "no-shadow": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  { files: ["tests/web/*.mjs"], languageOptions: { globals: globals.node } },
  { files: ["tests/web/*.js"], languageOptions: { globals: globals.browser } },
  { ignores: ["**/node_modules/", "staticfiles/", ".venv/", ".bench/", "tests/benchmarks/"] },
];
