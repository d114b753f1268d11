import './shell/trusted';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { ApiError } from './api/client';
import './design/tokens.css';
import './design/base.css';
import './design/components.css';
import './design/fields.css';
import './i18n';
import { App } from './shell/App';
import { registerWorker } from './shell/worker';
import { applyTheme } from './shell/theme';

applyTheme();
registerWorker();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // An answer is final unless the network or the server was away for a moment.
      retry: (count, error) => count < 3 && error instanceof ApiError && error.passing,
      staleTime: 10_000,
    },
  },
});

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <Suspense fallback={null}>
          <BrowserRouter>
            <App />
          </BrowserRouter>
        </Suspense>
      </QueryClientProvider>
    </StrictMode>,
  );
}
