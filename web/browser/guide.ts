import type { Locator, Page } from "playwright-core";
import type { Visitor } from "./browser.ts";

/** Goes on by what stands on the page, to a page with this heading; each is looked at, under this word and its own name. */
export function guide({ page, look }: Visitor, word: string) {
  const main = page.getByRole("main");
  const rooms = page.getByRole("navigation", { name: "Rooms" });
  const see = async (name: string) => {
    await settled(page);
    await look(`${word}-${name}`, ["light"]);
  };
  const by = async (link: Locator, heading: string | RegExp, name: string) => {
    await link.first().click();
    await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
    await see(name);
  };
  return {
    by,
    see,
    link: (words: string | RegExp, heading: string | RegExp, name: string) =>
      by(
        main.getByRole("link", { name: words, ...(typeof words === "string" && { exact: true }) }),
        heading,
        name,
      ),
    room: (title: string) =>
      by(
        rooms.getByRole("link", { name: title, exact: true }),
        title,
        title.toLowerCase().replaceAll(/\W+/g, "-"),
      ),
    home: async () => {
      await rooms.getByRole("link", { name: "Home", exact: true }).click();
      await page.getByRole("group", { name: "The project's flow" }).waitFor();
    },
    /** From home through the head of a stop in its flow. */
    station: (title: string) =>
      by(
        page
          .getByRole("region", { name: title, exact: true })
          .getByRole("link", { name: title, exact: true }),
        title,
        `station-${title.toLowerCase()}`,
      ),
  };
}

async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => !document.querySelector(".skeleton"));
}
