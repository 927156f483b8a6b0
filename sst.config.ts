/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  async app(input) {
    const { settingsOf, stageTags } = await import("./stacks/settings.ts");
    const settings = settingsOf(input.stage);
    return {
      name: "keyward",
      home: "aws",
      version: "4.17.1",
      protect: settings.holdsPhi,
      removal: settings.holdsPhi ? "retain" : "remove",
      providers: {
        aws: {
          version: "7.20.0",
          region: settings.region,
          defaultTags: { tags: stageTags(settings) },
        },
      },
    };
  },
  async run() {
    const { build } = await import("./stacks/index.ts");
    return build();
  },
});
