// Shows the API's OpenAPI document at /docs. The page's policy lets only files of this server run.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#operations",
  deepLinking: true,
  validatorUrl: null, // else a badge asks another host
});
