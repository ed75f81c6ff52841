import { randomInt } from "node:crypto";

const ADJECTIVES =
  "able agile amber ancient bold brave bright calm candid clear clever cool crisp curious daring eager early fair fond " +
  "gentle glad golden grand happy honest humble jolly keen kind lively lucky mellow merry mighty modest neat nimble noble " +
  "patient placid polite proud quick quiet rapid rare serene sharp shiny silent sincere smart steady stoic sunny swift " +
  "tidy trusty upbeat valiant vivid warm wise witty zesty";
const NOUNS =
  "ant badger bat bear bee bird bison boar calf carp cat colt conch cow crab crane crow cub deer dog dolphin dove duck " +
  "eel elk finch fish fly foal fox frog gnat goat goose grouse gull hare hawk hen heron horse hound jay kit koala lamb " +
  "lark loon lynx mare mink mole moose moth mouse mule newt owl ox panda perch pig pug quail ram rat ray robin roo rook " +
  "seal shad shark sheep shrew shrike skink sloth slug snail snipe sow squid stag stoat stork swan toad trout vole wasp " +
  "whale wolf wren yak zebra";

const adjectives = ADJECTIVES.split(" ");
const nouns = NOUNS.split(" ");

/** A name that people can say and tell apart: `brave-heron-417`. Names need not be unique. */
export function randomRunName(): string {
  const adjective = adjectives[randomInt(adjectives.length)];
  const noun = nouns[randomInt(nouns.length)];
  return `${adjective}-${noun}-${randomInt(1000)}`;
}
