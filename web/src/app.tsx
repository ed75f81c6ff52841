import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { ApiError } from "./lib/api.ts";
import { RoomsContext } from "./lib/rooms.ts";
import { ErrorState, Skeleton } from "./lib/states.tsx";
import { Toasts, toastError } from "./lib/toast.tsx";
import { parseSearch, stringifySearch } from "./lib/url.ts";
import { ROOMS } from "./rooms.ts";
import { Front } from "./shell/front.tsx";
import { NotFound } from "./shell/not-found.tsx";
import { Shell } from "./shell/shell.tsx";

const RETRIES = 2;

const cache = new QueryClient({
  defaultOptions: {
    queries: {
      // The live stream says when something changed, so a read stays good until then.
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < RETRIES && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
    },
    mutations: { onError: toastError },
  },
});

const root = createRootRoute({
  component: () => (
    <>
      <Outlet />
      <Toasts />
    </>
  ),
  notFoundComponent: NotFound,
});
const front = (path: string, screen: () => Promise<React.ComponentType>) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(() => screen().then((component) => ({ component })), "component"),
  });
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  notFoundComponent: NotFound,
});

const tree = root.addChildren([
  front("/sign-in", () => import("./modules/identity/sign-in.tsx").then((module) => module.SignInScreen)),
  front("/join", () => import("./modules/identity/link-form.tsx").then((module) => module.JoinScreen)),
  front("/reset", () => import("./modules/identity/link-form.tsx").then((module) => module.ResetScreen)),
  inside.addChildren([
    createRoute({ getParentRoute: () => inside, path: "/", component: Front }),
    ...ROOMS.flatMap((room) => room.screens).map((screen) =>
      createRoute({
        getParentRoute: () => inside,
        path: screen.path as "/",
        component: lazyRouteComponent(() => screen.load().then((component) => ({ component })), "component"),
      }),
    ),
  ]),
]);

const router = createRouter({
  routeTree: tree,
  parseSearch: (text) => parseSearch(text),
  stringifySearch,
  defaultPreload: false,
  defaultPendingMs: 150,
  defaultPendingComponent: () => <Skeleton />,
  defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
  defaultNotFoundComponent: NotFound,
});

export function App() {
  return (
    <QueryClientProvider client={cache}>
      <RoomsContext value={ROOMS}>
        <RouterProvider router={router} />
      </RoomsContext>
    </QueryClientProvider>
  );
}
